// Package source reads templates from where users keep them: folders, archives and git repositories. All of their
// content is untrusted.
package source

import (
	"path"
	"strings"

	"dockerflow/generator/template"
)

// Kind is the kind of a source.
type Kind int

// The kinds of sources.
const (
	Folder Kind = iota
	Archive
	Git
)

// Source is the location of a template.
type Source struct {
	Kind  Kind
	Place string // a path, or a URL without user and password
	Sub   string // the folder of the template in Place, or "" for the top folder
	Ref   string // for git: a tag, a branch or a commit, or "" for HEAD

	login login
}

// login is the login from a URL. It is passed to git in the environment, and never shown.
type login struct{ user, password string }

// String returns the source as it is printed and recorded, without a login: PLACE[//SUB][@REF].
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

// Name returns the name of the template: the last element of its path.
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

// Pinned reports whether the source names a commit, so that each fetch returns the same.
func (s Source) Pinned() bool { return s.Kind == Git && isID(s.Ref) }

// isID reports whether a ref is a full commit id, of SHA-1 or SHA-256.
func isID(ref string) bool { return (len(ref) == 40 || len(ref) == 64) && isHex(ref) }

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdef") == "" }

// archiveEnding returns the ending that marks a path as an archive, or "".
func archiveEnding(p string) string {
	for _, ending := range []string{".tar", ".tar.gz", ".tgz", ".zip"} {
		if at := len(p) - len(ending); at >= 0 && strings.EqualFold(p[at:], ending) {
			return p[at:]
		}
	}
	return ""
}
