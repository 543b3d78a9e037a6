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
	FS       tree.FS      // folders and archives are relative to it
	Cache    string       // the cache for git repositories; if it is "", git sources are not supported
	Terminal bool         // whether git may ask for a user and a password on the terminal
	Offline  bool         // for git, use only the cache
	Note     func(string) // called before steps that may take long; may be nil
}

// Found is a template that was read.
type Found struct {
	Files  fs.FS  // template.yaml, and the files in files and parts, in memory
	Commit string // for git: the commit id
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

// openFile opens a regular file. It does not block if the file was replaced since it was checked.
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
