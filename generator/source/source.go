// Package source finds a template where its users keep it: in a folder, an archive or a git repository. All of it is
// untrusted.
package source

import (
	"path"
	"strings"

	"dockerflow/generator/template"
)

// Kind is what a source is.
type Kind int

// The kinds of sources.
const (
	Folder Kind = iota
	Archive
	Git
)

// Source is where a template is.
type Source struct {
	Kind  Kind
	Place string // a path, or a URL without its user and password
	Sub   string // the folder in there that the template is in; "" is all of it
	Ref   string // of git: a tag, a branch or a commit; "" is what the repository has as its HEAD

	login login
}

// login is what a URL had in it. It goes to git by the environment, and nowhere else.
type login struct{ user, password string }

// String is the source as it is printed and recorded, without a login: PLACE[//SUB][@REF].
func (s Source) String() string {
	text := s.Place
	if s.Sub != "" {
		text += "//" + s.Sub
	}
	if s.Ref != "" {
		text += "@" + s.Ref
	}
	return text
}

// Name is what the template is called: the last element of where it is.
func (s Source) Name() string {
	name := s.Sub
	if name == "" {
		name = strings.TrimRight(strings.ReplaceAll(s.Place, `\`, "/"), "/")
		switch s.Kind {
		case Archive:
			name = name[:len(name)-len(archiveEnding(name))]
		case Git:
			name = strings.TrimSuffix(name[strings.LastIndexByte(name, ':')+1:], ".git")
		}
	}
	if name = template.Slug(path.Base(name)); name != "" {
		return name
	}
	return "template"
}

// Pinned tells whether the source names a commit, so that it is the same whenever it is fetched.
func (s Source) Pinned() bool { return s.Kind == Git && isID(s.Ref) }

// isID tells whether a ref is a full commit id, of SHA-1 or SHA-256.
func isID(ref string) bool { return (len(ref) == 40 || len(ref) == 64) && isHex(ref) }

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

// archiveEnding is that part of a path by which it is known to be an archive, or "".
func archiveEnding(p string) string {
	for _, ending := range []string{".tar", ".tar.gz", ".tgz", ".zip"} {
		if at := len(p) - len(ending); at >= 0 && strings.EqualFold(p[at:], ending) {
			return p[at:]
		}
	}
	return ""
}
