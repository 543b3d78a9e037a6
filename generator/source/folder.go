package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"dockerflow/generator/regular"
	"dockerflow/generator/tree"
)

// readFolder reads the template in a folder. Other files next to it, such as .git, are ignored.
func (r Reader) readFolder(ctx context.Context, s Source) (*gitTree, error) {
	info, err := r.FS.Stat(s.Place)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("there is no such folder")
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, errors.New("not a folder; the name of an archive ends in .tar, .tar.gz, .tgz or .zip")
	}
	dir, err := r.FS.Within(s.Place)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	w := walker{dir: dir, base: s.Sub, gitTree: &gitTree{}}
	if err := w.down(); err != nil {
		return nil, err
	}
	for _, p := range []string{manifest, "files", "parts"} {
		if err := w.read(ctx, p); err != nil {
			return nil, err
		}
	}
	return w.gitTree, nil
}

// walker reads the files below base.
type walker struct {
	dir  tree.Dir
	base string
	*gitTree
}

// down checks that no symbolic link leads to base.
func (w walker) down() error {
	for i := range len(w.base) + 1 {
		if w.base == "" || i < len(w.base) && w.base[i] != '/' {
			continue
		}
		switch info, err := w.dir.Lstat(w.base[:i]); {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("there is no folder %s in the source", w.base[:i])
		case err != nil:
			return err
		case !info.IsDir():
			return fmt.Errorf("%q is %s: want a folder", w.base[:i], kindOf(info.Mode()))
		}
	}
	return nil
}

// read reads the file or folder p, if it exists.
func (w walker) read(ctx context.Context, p string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	at := path.Join(w.base, p)
	info, err := w.dir.Lstat(at)
	if errors.Is(err, fs.ErrNotExist) && !strings.Contains(p, "/") {
		return nil
	}
	if err != nil {
		return err
	}
	if err := w.count(); err != nil {
		return err
	}
	if info.IsDir() && p != manifest {
		return w.readAll(ctx, p)
	}
	if err := w.judge(p, info.Mode(), info.Size()); err != nil {
		return err
	}
	f, info, err := openFile(w.dir, at)
	if err != nil {
		return fmt.Errorf("%q: %w", p, err)
	}
	defer f.Close()
	if err := w.judge(p, info.Mode(), info.Size()); err != nil { // it may have been replaced
		return err
	}
	return w.gitTree.read(p, info.Size(), f)
}

// readAll reads the folder p.
func (w walker) readAll(ctx context.Context, p string) error {
	if err := checkPath(p); err != nil {
		return fmt.Errorf("path %q: %w", p, err)
	}
	f, err := w.dir.OpenFile(path.Join(w.base, p), os.O_RDONLY|regular.Flag, 0)
	if err != nil {
		return err
	}
	names, err := f.Readdirnames(maxFiles + 1) // stop at the limit
	f.Close()
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%q: %w", p, err)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := w.read(ctx, p+"/"+name); err != nil {
			return err
		}
	}
	return nil
}
