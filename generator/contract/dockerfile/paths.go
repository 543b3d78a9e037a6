package dockerfile

import (
	"strings"
)

// Within tells whether a path is the folder or lies in it.
func Within(name, folder string) bool {
	return name == folder || strings.HasPrefix(name, strings.TrimSuffix(folder, "/")+"/")
}
