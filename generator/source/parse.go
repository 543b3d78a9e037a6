package source

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"dockerflow/generator/glyph"
)

// maxSource limits the text of a source, in bytes.
const maxSource = 2000

// IsSource reports whether a text is a source, and not the name of a template.
func IsSource(s string) bool {
	return strings.ContainsAny(s, `/\:`) || strings.HasPrefix(s, ".") || archiveEnding(s) != ""
}

// Parse parses a source: FOLDER[//SUB], ARCHIVE[//SUB] or URL[//SUB][@REF]. Its errors never contain a login.
func Parse(s string) (Source, error) {
	if s == "" || len(s) > maxSource || !utf8.ValidString(s) || strings.ContainsFunc(s, unprintable) {
		return Source{}, fmt.Errorf("want a folder, an archive or the URL of a git repository, as printable text of at most %d bytes", maxSource)
	}
	scheme, rest, isURL := strings.Cut(s, "://")
	helper, _, isHelper := strings.Cut(s, "::")
	host, _, isHost := strings.Cut(s, ":")
	switch {
	case isURL && isScheme(scheme):
		return parseURL(strings.ToLower(scheme), rest)
	case isHelper && !strings.ContainsAny(helper, `/\[`):
		return Source{}, errors.New("NAME::ADDRESS would start a program: use an https:// or ssh:// URL; write ./ before the name of a folder")
	case isHost && len(host) > 1 && !strings.ContainsAny(host, `/\`) && host[0] != '.' || strings.HasPrefix(s, "[") || strings.Contains(host, "@["):
		return parseRemote(s)
	}
	return parseLocal(s)
}

// isScheme reports whether s is a valid URL scheme.
func isScheme(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("+.-", r)
	})
}

// parseLocal parses FOLDER[//SUB] or ARCHIVE[//SUB].
func parseLocal(s string) (Source, error) {
	place, sub := s, ""
	if i := strings.Index(strings.TrimLeft(s, "/"), "//"); i >= 0 { // slashes at the start belong to the root
		i += len(s) - len(strings.TrimLeft(s, "/"))
		place, sub = s[:i], strings.Trim(s[i:], "/")
	}
	if trimmed := strings.TrimRight(place, "/"); trimmed != "" {
		place = trimmed
	}
	if strings.HasPrefix(place, "-") {
		return Source{}, errors.New("want no folder or archive that starts with a hyphen: write ./ before it")
	}
	if sub != "" {
		if err := checkSub(sub); err != nil {
			return Source{}, err
		}
	}
	kind := Folder
	if archiveEnding(place) != "" {
		kind = Archive
	}
	return Source{Kind: kind, Place: place, Sub: sub}, nil
}

// checkSub refuses a path that cannot be a folder in a repository.
func checkSub(sub string) error {
	if err := checkPath(sub); err != nil {
		return fmt.Errorf("the subfolder after //: %w", err)
	}
	for name := range strings.SplitSeq(sub, "/") {
		switch lower := strings.ToLower(name); {
		case lower == ".git", strings.HasPrefix(lower, "git~"):
			return errors.New("the subfolder after //: want nothing inside .git")
		case strings.HasPrefix(name, "-"), strings.HasPrefix(name, ":"):
			return errors.New("the subfolder after //: want no name that starts with a hyphen or colon")
		}
	}
	return nil
}

// checkRef refuses names that git refuses, and those that could be an option or a range.
func checkRef(ref string) error {
	wrong := ref == "" || ref == "@" || strings.HasPrefix(ref, "-") || strings.HasSuffix(ref, ".") ||
		strings.Contains(ref, "..") || strings.Contains(ref, "@{") || strings.ContainsAny(ref, `~^:?*[\`) || strings.ContainsFunc(ref, unicode.IsSpace)
	for name := range strings.SplitSeq(ref, "/") {
		wrong = wrong || name == "" || name[0] == '.' || strings.HasSuffix(name, ".lock")
	}
	if wrong {
		return errors.New("the ref after @: want a tag, a branch or a full commit id, at the end: URL//SUBFOLDER@v1.0.0")
	}
	return nil
}

// unprintable finds characters that could make a text look like another one when it is shown.
func unprintable(r rune) bool { return !glyph.Shows(r) || r != ' ' && unicode.IsSpace(r) }

// last returns the last element of a URL's path.
func last(p string) string { return path.Base(strings.TrimRight(p, "/")) }
