package tree

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

func TestPathsThatAreAccepted(t *testing.T) {
	t.Parallel()
	tree := treeOf(
		"a", "A2", "b/c/d", "b/c/e", "b/f", "b.txt", // b beside b.txt, and shared folders
		".gitignore", ".gitattributes", ".github/workflows/ci.yml", "git", "b/gitx", ".gitx/y",
		"console", "com10", "com", "auxiliary.txt", "b/nullable.go", "b/con_.txt",
		"...a", "..a", "a b", "sch\u00f6n", "\u732b.txt", "b/.dockerflow.yaml", ".dockerflow.yaml.bak",
		"b/HEAD/x", "header", "HEAD.md", "objects/x", "refs/heads/x", "config", "commondir", "b/.gitattributes", "gitmodules", ".gitmodules/x",
		".dockerflow-baseline.json", "b/.dockerflow-x/y", "update/dockerflow-update", ".git-x", "x.git/y", "สวัสดี.txt", "e\u0301", "\u00e8", "ガ", "각",
		strings.Repeat("d/", 31)+strings.Repeat("x", 138), // 32 elements, 200 bytes
	)
	if err := tree.CheckPaths(); err != nil {
		t.Error(err)
	}
}

func TestPathsThatAreRefused(t *testing.T) {
	t.Parallel()
	const (
		shape  = "want a relative UTF-8 path"
		chars  = "want no invisible character"
		inGit  = "want nothing inside .git"
		head   = "want no file HEAD"
		runs   = "want no file that changes what git runs"
		ends   = "want no name that ends in a dot or a space"
		device = "is a device on Windows"
		own    = "reserved for dockerflow"
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
		{"too deep", []string{strings.Repeat("d/", 32) + "x"}, shape},
		{"very long", []string{strings.Repeat("d", 1<<20)}, shape},
		{"very deep", []string{strings.Repeat("d/", 1<<20) + "x"}, shape},
		{"a path of a system's root on the way", []string{"a//etc/passwd"}, shape},
		{"upwards at the end", []string{"a/.."}, shape},
		{"a home", []string{"~/../a"}, shape},
		{"a network's folder", []string{`\\server\share`}, chars},
		{"a device's path", []string{`\\.\con`}, chars},
		{"a drive's own folder", []string{`C:a`}, chars},
		{"a drive's root", []string{`C:\a`}, chars},
		{"a folder's stream", []string{".git::$INDEX_ALLOCATION/config"}, chars},
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
		{"a joiner, which macOS ignores in .git", []string{".g\u200dit/config"}, chars},
		{"a non-joiner", []string{".gi\u200ct/config"}, chars},
		{"a mark of direction", []string{".git\u200e/config"}, chars},
		{"an isolate", []string{"a\u2066b"}, chars},
		{"digit shapes, which macOS ignores", []string{".\u206fgit/config"}, chars},
		{"a byte order mark", []string{"\ufeff.git/config"}, chars},
		{"a soft hyphen", []string{".gi\u00adt/config"}, chars},
		{"a tab", []string{"a\tb"}, chars},
		{"delete", []string{"a\x7f"}, chars},
		{"a control character beyond ASCII", []string{"a\u009b31m"}, chars},
		{"a line separator", []string{"a\u2028b"}, chars},
		{"a private character", []string{"a\ue000"}, chars},
		{"a tag character", []string{"a\U000e0041"}, chars},
		{"git's hooks", []string{".git/hooks/post-checkout"}, inGit},
		{"git's folder with a dotless i", []string{".g\u0131t/config"}, inGit},
		{"git's short name further down", []string{"a/Git~12/hooks/x"}, inGit},
		{"git's folder", []string{".git/config"}, inGit},
		{"git's file", []string{".git"}, inGit},
		{"git's hooks further down", []string{"a/.git/hooks/post-checkout"}, inGit},
		{"git's folder in upper case", []string{".GIT/config"}, inGit},
		{"git's short name on Windows", []string{"git~1/config"}, inGit},
		{"git's other short name", []string{"GIT~2"}, inGit},
		{"a repository", []string{"a/HEAD", "a/config", "a/objects/x", "a/refs/x"}, head},
		{"a repository that is the project", []string{"HEAD", "config", "objects/x", "refs/x"}, head},
		{"a repository with its objects elsewhere", []string{"a/HEAD", "a/commondir", "b/objects/x", "b/refs/x"}, head},
		{"a repository except for existing files", []string{"a/HEAD"}, head},
		{"a repository on a disk without case", []string{"a/b/head"}, head},
		{"submodules", []string{".gitmodules"}, runs},
		{"submodules in upper case", []string{".GITMODULES"}, runs},
		{"submodules with a dotless i", []string{".g\u0131tmodules"}, runs},
		{"submodules' short name on Windows", []string{"GITMOD~1"}, runs},
		{"submodules' other short name", []string{"gi7eba~1"}, runs},
		{"a configuration that git may be told to read", []string{"a/.gitconfig"}, runs},
		{"its short name", []string{"gitcon~1"}, runs},
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
		{"the record with a Kelvin sign", []string{".doc\u212aerflow.yaml"}, own},
		{"the state of a run", []string{".dockerflow-update/journal"}, own},
		{"the state in upper case", []string{".DOCKERFLOW-UPDATE/applied"}, own},
		{"the state with a Kelvin sign", []string{".doc\u212aerflow-update/journal"}, own},
		{"the state as a file", []string{".dockerflow-update"}, own},
		{"the state of a run further down", []string{"a/.dockerflow-update/journal"}, own},
		{"a letter and its accent, beside both in one", []string{"e\u0301", "\u00e9"}, "only in case or accents"},
		{"a letter and its accent in upper case", []string{"caf\u00e9/a", "CAFE\u0301/b"}, "only in case or accents"},
		{"a kana and its mark", []string{"\u30ab\u3099", "\u30ac"}, "only in case or accents"},
		{"the parts of a syllable", []string{"\u1100\u1161", "\uac00"}, "only in case or accents"},
		{"a device with a space and a dot", []string{"nul ."}, ends},
		{"a device with spaces before its ending", []string{"NUL   .txt"}, device},
		{"a device with a stream", []string{"con:x"}, chars},
		{"a device with a hard space", []string{"con\u00a0.txt"}, device},
		{"a space at the end of a folder", []string{"a /b"}, ends},
		{"git's folder with dots and spaces", []string{".git. . ./config"}, ends},
		{"names that differ only in case", []string{"Makefile", "makefile"}, `path "makefile": differs from "Makefile" only in case`},
		{"folders that differ only in case", []string{"Src/a", "src/b"}, `path "src": differs from "Src" only in case`},
		{"a folder and a file that differ only in case", []string{"a", "A/b"}, `path "a": differs from "A" only in case`},
		{"case beyond ASCII", []string{"Ä", "ä"}, "only in case"},
		{"a Kelvin sign", []string{"k", "\u212a"}, "only in case"},
		{"an Angstrom sign", []string{"\u00e5", "\u212b"}, "only in case"},
		{"a long s", []string{"s", "\u017f"}, "only in case"},
		{"a sharp s", []string{"\u00df", "\u1e9e"}, "only in case"},
		{"folders with a long s", []string{"src/a", "\u017frc/b"}, "only in case"},
		{"two small letters with one capital", []string{"\u03c3", "\u03c2"}, "only in case"},
		{"a file that is a folder too", []string{"a", "a/b"}, `path "a/b": "a" is a file`},
		{"a file that is a folder further up", []string{"a/b", "a/b-c", "a/b/c/d"}, `path "a/b/c/d": "a/b" is a file`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := treeOf(tt.paths...).CheckPaths(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

// Check every device, not only the well-known ones.
func TestEveryDeviceIsRefused(t *testing.T) {
	t.Parallel()
	names := []string{"con", "prn", "aux", "nul", "conin$", "conout$"}
	for _, digit := range "123456789¹²³" {
		names = append(names, "com"+string(digit), "lpt"+string(digit))
	}
	for _, name := range names {
		for _, p := range []string{name, strings.ToUpper(name), name + ".go", "a/" + name + ".test.js"} {
			if err := treeOf(p).CheckPaths(); err == nil {
				t.Errorf("%q is accepted", p)
			}
		}
	}
}
