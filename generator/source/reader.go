package source

import (
	"context"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/afero"

	"dockerflow/generator/regular"
	"dockerflow/generator/tree"
)

// Reader reads sources.
type Reader struct {
	FS       tree.FS      // that folders and archives are in
	Cache    string       // the folder that git repositories are kept in; "" reads none
	Terminal bool         // git may ask for a user and a password there
	Offline  bool         // of git, take what is in the cache
	Note     func(string) // is told what happens before it may take long; may be nil
}

// Found is a template that was read.
type Found struct {
	Files  fs.FS  // template.yaml, and what is in files and parts: all in memory
	Commit string // of git: the id of the commit that it is of
}

// Open reads the template of a source into memory.
func (r Reader) Open(ctx context.Context, s Source) (Found, error) {
	found, err := r.open(ctx, s)
	if err != nil {
		return Found{}, fmt.Errorf("%s: %w", s, err)
	}
	return found, nil
}

func (r Reader) open(ctx context.Context, s Source) (Found, error) {
	var t *gitTree
	var err error
	switch s.Kind {
	case Folder:
		t, err = r.readFolder(ctx, s)
	case Archive:
		t, err = r.readArchive(ctx, s)
	default:
		return r.git().open(ctx, s)
	}
	if err != nil {
		return Found{}, err
	}
	files, err := t.fs()
	return Found{Files: files}, err
}

// openFile opens a regular file. What else has taken its place since it was looked at does not block.
func openFile(fsys afero.Fs, p string) (afero.File, fs.FileInfo, error) {
	f, err := fsys.OpenFile(p, os.O_RDONLY|regular.Flag, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = regular.Err
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}
