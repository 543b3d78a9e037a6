package tree

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"dockerflow/generator/glyph"
)

// CheckPaths checks all paths of a tree. It refuses paths that any supported system cannot store, and paths that git
// would act on. The result is the same on every system.
func (tree Tree) CheckPaths() error {
	folded := map[string]string{} // path in lower case -> path, including folders
	dir := ""                     // the folder of the previous path, which has been checked
	for _, p := range slices.Sorted(maps.Keys(tree)) {
		if err := CheckPath(p); err != nil {
			return fmt.Errorf("path %q: %w", p, err)
		}
		start := 0
		if last := strings.LastIndexByte(p, '/'); last >= 0 && p[:last] == dir {
			start = last + 1
		} else {
			dir = p[:max(last, 0)]
		}
		for end := start; end <= len(p); end++ {
			if end < len(p) && p[end] != '/' {
				continue
			}
			part := p[:end]
			key := Fold(part)
			if other, ok := folded[key]; ok && other != part {
				return fmt.Errorf("path %q: differs from %q only in case or accents", part, other)
			}
			folded[key] = part
			if _, isFile := tree[part]; isFile && end < len(p) {
				return fmt.Errorf("path %q: %q is a file", p, part)
			}
		}
	}
	return nil
}

// Fold maps names that differ only in case to the same string. Outside ASCII, several small letters can share one
// capital letter, and macOS treats a letter with a combining accent as the precomposed letter.
func Fold(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) {
		s = strings.ToUpper(norm.NFD.String(s))
	}
	return strings.ToLower(s)
}

// CheckPath refuses a file that some system cannot store, or that would make git run a program.
//
// A folder that contains a file HEAD can pass for a git repository. Git would then follow the configuration in it, or
// in a folder that it refers to. A .gitmodules tells git where to fetch from, and some projects make git read their
// .gitconfig. A .gitattributes is allowed: it only selects among programs that the user has configured.
func CheckPath(p string) error {
	if err := CheckFolder(p); err != nil {
		return err
	}
	name := Fold(path.Base(p))
	switch stem, _, short := strings.Cut(name, "~"); {
	case name == "head":
		return fmt.Errorf("want no file HEAD: git could take the folder for a repository")
	case name == ".gitmodules", name == ".gitconfig", short && shortNames[stem]:
		return fmt.Errorf("want no file that changes what git runs")
	}
	return nil
}

// CheckNamed checks a path that a manifest names: a file, or a folder if it ends in a slash.
func CheckNamed(p string) error {
	if folder, ok := strings.CutSuffix(p, "/"); ok {
		return CheckFolder(folder)
	}
	return CheckPath(p)
}

// shortNames are the prefixes that Windows uses for the short names of .gitmodules and .gitconfig, before a ~ and a
// number.
var shortNames = map[string]bool{"gitmod": true, "gi7eba": true, "gitcon": true}

// CheckFolder refuses a path that some system cannot store or that git would act on.
func CheckFolder(p string) error {
	if !fs.ValidPath(p) || p == "." || !utf8.ValidString(p) || len(p) > MaxPath || strings.Count(p, "/") >= MaxElements {
		return fmt.Errorf("want a relative UTF-8 path of at most %d bytes and %d elements, without empty, . or .. elements", MaxPath, MaxElements)
	}
	if _, hidden := glyph.Hidden(p); hidden || strings.ContainsAny(p, "<>:\"\\|?*\u200d") { // macOS ignores joiners
		return fmt.Errorf(`want no invisible character and none of <>:"\|?*`)
	}
	top, _, _ := strings.Cut(p, "/")
	for name := range strings.SplitSeq(p, "/") {
		base, _, _ := strings.Cut(strings.ToLower(name), ".")
		switch {
		case strings.EqualFold(top, RecordFile), strings.EqualFold(name, StateFolder): // a run acts on the state that it finds in any folder
			return fmt.Errorf("this name is reserved for dockerflow")
		case strings.HasSuffix(name, ".") || strings.HasSuffix(name, " "):
			return fmt.Errorf("want no name that ends in a dot or a space")
		case Fold(name) == ".git", strings.HasPrefix(strings.ToLower(name), "git~"):
			return fmt.Errorf("want nothing inside .git")
		case devices[strings.TrimRightFunc(base, unicode.IsSpace)]:
			return fmt.Errorf("%s is a device on Windows", name)
		}
	}
	return nil
}

var devices = map[string]bool{
	"con": true, "prn": true, "aux": true, "nul": true, "conin$": true, "conout$": true,
	"com1": true, "com2": true, "com3": true, "com4": true, "com5": true, "com6": true, "com7": true, "com8": true, "com9": true,
	"com¹": true, "com²": true, "com³": true, "lpt¹": true, "lpt²": true, "lpt³": true,
	"lpt1": true, "lpt2": true, "lpt3": true, "lpt4": true, "lpt5": true, "lpt6": true, "lpt7": true, "lpt8": true, "lpt9": true,
}
