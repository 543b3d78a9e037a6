package tree

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/afero"

	"dockerflow/generator/regular"
)

// Outside is the mode of a file that cannot be examined because a symbolic link in its path leads out of the project.
const Outside = fs.ModeIrregular

// ReadTree reads the given paths of a project. A file that is not regular is returned with its mode and without
// content. If a folder is found where a file is expected, its contents are read only far enough to see whether the
// user has files there.
func ReadTree(fsys FS, dir string, paths []string) (Tree, error) {
	root, err := fsys.Within(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	r := reader{Dir: root, room: MaxTree, tree: make(Tree, len(paths)), wanted: make(map[string]bool, len(paths))}
	for _, p := range paths {
		r.wanted[p] = true
	}
	for _, p := range paths {
		if err := r.read(p); err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(dir, p), err)
		}
		if err := r.note(p + BesideSuffix); err != nil {
			return nil, err
		}
	}
	return r.tree, nil
}

type reader struct {
	Dir
	tree   Tree
	wanted map[string]bool
	room   int // left for the contents of files
}

func (r *reader) read(p string) error {
	if _, ok := r.tree[p]; ok {
		return nil
	}
	info, err := r.Lstat(p)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, fs.ErrPermission):
		return err
	case err != nil:
		return r.above(p)
	case info.IsDir():
		r.tree[p] = File{Mode: fs.ModeDir}
		return r.below(p)
	case !info.Mode().IsRegular():
		r.tree[p] = File{Mode: info.Mode().Type()}
		return nil
	}
	f, err := ReadFile(r.Dir, p)
	if err != nil {
		return err
	}
	if len(f.Data) > MaxRead {
		return &LimitError{What: "in a file", Limit: MaxRead}
	}
	if r.room -= len(f.Data); r.room < 0 {
		return &LimitError{What: "in the project's files that come from the template", Limit: MaxTree}
	}
	r.tree[p] = f
	return nil
}

// ReadFile reads a regular file. It stops one byte after MaxRead: that is enough to know that the file is not one of
// ours.
func ReadFile(dir Dir, p string) (File, error) {
	f, err := dir.OpenFile(p, os.O_RDONLY, 0)
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return File{}, err
	}
	if !info.Mode().IsRegular() {
		return File{}, regular.Err
	}
	var data bytes.Buffer
	data.Grow(int(min(info.Size(), MaxRead)) + bytes.MinRead) // to finish with a single read
	_, err = data.ReadFrom(io.LimitReader(f, MaxRead+1))
	return File{info.Mode().Perm(), data.Bytes()}, err
}

// note records that a path is taken.
func (r *reader) note(p string) error {
	_, err := r.Lstat(p)
	if err == nil && !r.wanted[p] {
		r.tree[p] = File{Mode: fs.ModeIrregular}
	}
	if errors.Is(err, fs.ErrPermission) {
		return err
	}
	return nil
}

// above finds a file or symbolic link in place of one of the parent folders.
func (r *reader) above(p string) error {
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		if info, err := r.Lstat(dir); err == nil && info.Mode().IsRegular() {
			return r.read(dir)
		}
	}
	r.tree[p] = File{Mode: Outside}
	return nil
}

// below reads the contents of a folder, and stops at the first file that is not wanted.
func (r *reader) below(dir string) error {
	list, err := afero.ReadDir(r.Dir, dir)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		r.tree[dir] = File{Mode: fs.ModeDir | fs.ModeIrregular} // removing files cannot remove this one
	}
	for _, info := range list {
		p := path.Join(dir, info.Name())
		if !r.wanted[p] && !info.IsDir() {
			r.tree[p] = File{Mode: fs.ModeIrregular}
			return nil
		}
		if err := r.read(p); err != nil {
			return err
		}
	}
	return nil
}

// MaxRead limits how much of a file is kept while it is replaced.
const MaxRead = 64 << 20

// BesideSuffix is added to the name of a file that cannot be merged, for the version of the template.
const BesideSuffix = ".theirs"

// Has returns a function that reports whether there is something at a path of root. A path that ends in a slash is a
// folder with something in it.
func Has(root Dir) func(string) bool {
	return func(p string) bool {
		name, folder := strings.CutSuffix(p, "/")
		info, err := root.Lstat(name)
		if err != nil || !folder {
			return err == nil
		}
		if !info.IsDir() {
			return true
		}
		f, err := root.Open(name)
		if err != nil {
			return true
		}
		defer f.Close()
		names, _ := f.Readdirnames(1)
		return len(names) > 0
	}
}

// ReadBounded reads a regular file of at most limit bytes.
func ReadBounded(fsys afero.Fs, name string, limit int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return regular.Read(f, limit)
}

// Replace writes a file whole or not at all.
func Replace(fsys FS, name string, data []byte, mode fs.FileMode) error {
	f, err := afero.TempFile(fsys, filepath.Dir(name), ".dockerflow-")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = fsys.Chmod(f.Name(), mode)
	}
	if err == nil {
		err = fsys.Rename(f.Name(), name)
	}
	if err != nil {
		err = errors.Join(err, fsys.Remove(f.Name()))
	}
	return err
}
