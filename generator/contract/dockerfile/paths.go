package dockerfile

import (
	"strings"
)

// Within reports whether a path is the folder or is in it.
func Within(name, folder string) bool {
	return name == folder || strings.HasPrefix(name, strings.TrimSuffix(folder, "/")+"/")
}
