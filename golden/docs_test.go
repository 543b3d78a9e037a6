package golden

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// pages are the documents for people.
var pages = []string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "cmd/README.md", "templates/README.md", "templates/REFERENCE.md", "generator/contract/README.md"}

// TestPagesNameExistingFiles checks the links of each page, and the paths of the program's own code in it.
func TestPagesNameExistingFiles(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`) // not to other sites
	code := regexp.MustCompile("(?:^|[\\s`(/])((?:cmd|generator|golden|templates|\\.ci)(?:/[A-Za-z0-9_.-]+)+)")
	for _, page := range pages {
		text, err := os.ReadFile(filepath.Join("..", page))
		if err != nil {
			t.Fatal(err)
		}
		named := 0
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			named++
			if _, err := os.Stat(filepath.Join("..", filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s links to %s: %v", page, m[1], err)
			}
		}
		for _, m := range code.FindAllStringSubmatch(string(text), -1) {
			name := strings.TrimRight(m[1], ".")
			if page == "templates/README.md" || strings.Contains(name, "NAME") || strings.Contains(name, "NN_") {
				continue // paths of the reader's own template, and placeholders
			}
			named++
			if _, err := os.Stat(filepath.Join("..", name)); err != nil {
				t.Errorf("%s names %s: %v", page, name, err)
			}
		}
		if page == "README.md" && named < 10 {
			t.Errorf("only %d names were found in %s", named, page)
		}
	}
}
