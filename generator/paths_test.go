package generator

import (
	"strings"
	"testing"
)

func treeOf(paths ...string) Tree {
	tree := Tree{}
	for _, p := range paths {
		tree[p] = File{0o644, []byte(p)}
	}
	return tree
}

func TestPathsThatAreTaken(t *testing.T) {
	t.Parallel()
	tree := treeOf(
		"a", "A2", "b/c/d", "b/c/e", "b/f", "b.txt", // b beside b.txt, and shared folders
		".gitignore", ".gitattributes", ".github/workflows/ci.yml", "git", "b/gitx", ".gitx/y",
		"console", "com10", "com", "auxiliary.txt", "b/nullable.go", "b/con_.txt",
		"...a", "..a", "a b", "sch\u00f6n", "\u732b.txt", "b/.dockerflow.yaml", ".dockerflow.yaml.bak",
		strings.Repeat("d/", 50)+strings.Repeat("x", 100), // 200 bytes
	)
	if err := tree.checkPaths(); err != nil {
		t.Error(err)
	}
}

func TestPathsThatAreRefused(t *testing.T) {
	t.Parallel()
	const (
		shape  = "want a relative UTF-8 path"
		chars  = "want no control character"
		inGit  = "want nothing inside .git"
		ends   = "want no name that ends in a dot or space"
		device = "is a device on Windows"
		own    = "that name is the generator's own"
	)
	tests := []struct {
		name  string
		paths []string
		want  string // in the error
	}{
		{"nothing", []string{""}, shape},
		{"the folder itself", []string{"."}, shape},
		{"upwards", []string{".."}, shape},
		{"a file further up", []string{"../a"}, shape},
		{"up on the way", []string{"a/../../b"}, shape},
		{"the folder itself on the way", []string{"a/./b"}, shape},
		{"an absolute path", []string{"/etc/passwd"}, shape},
		{"an empty name", []string{"a//b"}, shape},
		{"a folder", []string{"a/"}, shape},
		{"no UTF-8", []string{"a\xff"}, shape},
		{"too long", []string{strings.Repeat("d/", 50) + strings.Repeat("x", 101)}, shape},
		{"too long in bytes", []string{strings.Repeat("é", 101)}, shape},
		{"Windows' upwards", []string{`..\a`}, chars},
		{"Windows' folder", []string{`a\b`}, chars},
		{"a drive", []string{"c:/a"}, chars},
		{"another stream of a file", []string{"a:b"}, chars},
		{"a question mark", []string{"a?"}, chars},
		{"a star", []string{"*"}, chars},
		{"a quote", []string{`"a"`}, chars},
		{"brackets", []string{"<a>"}, chars},
		{"a pipe", []string{"a|b"}, chars},
		{"a newline", []string{"a\nb"}, chars},
		{"NUL", []string{"a\x00"}, chars},
		{"an escape sequence", []string{"\x1b[31ma"}, chars},
		{"a bidirectional control", []string{"a\u202etxt.exe"}, chars},
		{"a zero-width space", []string{"a\u200b"}, chars},
		{"a joiner, which macOS leaves out of .git", []string{".g\u200dit/config"}, chars},
		{"git's folder", []string{".git/config"}, inGit},
		{"git's file", []string{".git"}, inGit},
		{"git's hooks further down", []string{"a/.git/hooks/post-checkout"}, inGit},
		{"git's folder in upper case", []string{".GIT/config"}, inGit},
		{"git's short name on Windows", []string{"git~1/config"}, inGit},
		{"git's other short name", []string{"GIT~2"}, inGit},
		{"git's folder with a dot", []string{".git./config"}, ends},
		{"git's folder with a space", []string{".git /config"}, ends},
		{"a dot at the end", []string{"a."}, ends},
		{"a folder with a dot at the end", []string{"a./b"}, ends},
		{"a space at the end", []string{"a "}, ends},
		{"three dots", []string{"..."}, ends},
		{"a device", []string{"con"}, device},
		{"a device in upper case", []string{"NUL"}, device},
		{"a device with an ending", []string{"aux.txt"}, device},
		{"a device with two endings", []string{"prn.tar.gz"}, device},
		{"a device with a space before its ending", []string{"com1 .txt"}, device},
		{"a device as a folder", []string{"a/lpt9/b"}, device},
		{"a device with a raised digit", []string{"com\u00b9"}, device},
		{"the console's input", []string{"conin$"}, device},
		{"the record", []string{".dockerflow.yaml"}, own},
		{"the record in upper case", []string{".Dockerflow.YAML"}, own},
		{"the record as a folder", []string{".dockerflow.yaml/a"}, own},
		{"names that differ only in case", []string{"Makefile", "makefile"}, `path "makefile": differs from "Makefile" only in case`},
		{"folders that differ only in case", []string{"Src/a", "src/b"}, `path "src": differs from "Src" only in case`},
		{"a folder and a file that differ only in case", []string{"a", "A/b"}, `path "a": differs from "A" only in case`},
		{"case beyond ASCII", []string{"Ä", "ä"}, "only in case"},
		{"two small letters with one capital", []string{"\u03c3", "\u03c2"}, "only in case"},
		{"a file that is a folder too", []string{"a", "a/b"}, `path "a/b": "a" is a file`},
		{"a file that is a folder further up", []string{"a/b", "a/b-c", "a/b/c/d"}, `path "a/b/c/d": "a/b" is a file`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := treeOf(tt.paths...).checkPaths(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

// Each device is one, not only those that come to mind.
func TestEveryDeviceIsRefused(t *testing.T) {
	t.Parallel()
	names := []string{"con", "prn", "aux", "nul", "conin$", "conout$"}
	for _, digit := range "123456789¹²³" {
		names = append(names, "com"+string(digit), "lpt"+string(digit))
	}
	for _, name := range names {
		for _, p := range []string{name, strings.ToUpper(name), name + ".go", "a/" + name + ".test.js"} {
			if err := treeOf(p).checkPaths(); err == nil {
				t.Errorf("%q is taken", p)
			}
		}
	}
}
