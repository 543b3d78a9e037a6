// Package source is a stand-in until the branch that makes it is merged: delete this file then.
package source

import (
	"context"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/tools/txtar"

	"github.com/spf13/afero"

	"dockerflow/generator"
)

type Kind int

const (
	Folder Kind = iota
	Archive
	Git
)

type Source struct {
	Kind            Kind
	Place, Sub, Ref string
}

func Looks(s string) bool { return strings.ContainsAny(s, `/\:`) || strings.HasPrefix(s, ".") }

func Parse(s string) (Source, error) { return Source{Place: s}, nil }

func (s Source) String() string { return s.Place }
func (s Source) Name() string   { return generator.Slug(path.Base(s.Place)) }

type Reader struct {
	FS                generator.FS
	Cache             string
	Terminal, Offline bool
	Note              func(string)
}
type Found struct {
	Files  fs.FS
	Commit string
}

func (r Reader) Open(_ context.Context, s Source) (Found, error) {
	a := &txtar.Archive{}
	err := afero.Walk(r.FS, s.Place, func(p string, info fs.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		data, err := afero.ReadFile(r.FS, p)
		rel, _ := filepath.Rel(s.Place, p)
		a.Files = append(a.Files, txtar.File{Name: rel, Data: data})
		return err
	})
	if err != nil {
		return Found{}, err
	}
	f, err := txtar.FS(a)
	return Found{Files: f}, err
}
