package tree

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/afero"

	"dockerflow/generator/regular"
)

// FS is a file system that can be confined to one of its folders.
type FS interface {
	afero.Fs
	// Within returns dir as a separate file system. No path leads out of it, neither through ".." nor through a
	// symbolic link. The caller must close it.
	Within(dir string) (Dir, error)
	// Lstat is like Stat but does not follow a symbolic link.
	Lstat(name string) (fs.FileInfo, error)
}

// Dir is a folder that Within has opened.
type Dir interface {
	FS
	// Place renames a file. It fails if the new name exists.
	Place(from, to string) error
	Close() error
}

// Disk is the file system of the operating system.
type Disk struct{ afero.OsFs }

// Lstat implements FS.
func (Disk) Lstat(name string) (fs.FileInfo, error) { return os.Lstat(name) }

// OpenFile implements afero.Fs. It never blocks: see package regular.
func (Disk) OpenFile(name string, flag int, perm fs.FileMode) (afero.File, error) {
	return openRegular(os.OpenFile(name, flag|regular.Flag, perm))
}

// Open implements afero.Fs.
func (d Disk) Open(name string) (afero.File, error) { return d.OpenFile(name, os.O_RDONLY, 0) }

// openRegular refuses anything but a regular file or a folder.
func openRegular(f *os.File, err error) (afero.File, error) {
	if err == nil {
		err = regular.Check(f, f.Name())
	}
	if err != nil {
		return nil, err // a nil *os.File must not become a non-nil afero.File
	}
	return f, nil
}

// Within implements FS with an os.Root.
func (Disk) Within(dir string) (Dir, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &rootDir{root: root}, nil
}

// rootDir is an os.Root as an afero.Fs. It keeps the folder that was used last open: os.Root walks a path from its
// start on every call, and trees are written folder by folder.
type rootDir struct {
	root *os.Root
	last string
	sub  *os.Root
}

// at returns the opened parent folder of name, and the last element of name.
func (d *rootDir) at(name string) (*os.Root, string, error) {
	dir, base := path.Split(filepath.ToSlash(name))
	if dir == "" {
		return d.root, name, nil
	}
	if dir != d.last {
		from, rest := d.root, dir
		if below, ok := strings.CutPrefix(dir, d.last); ok && d.last != "" {
			from, rest = d.sub, below
		}
		sub, err := from.OpenRoot(rest)
		if err != nil {
			return nil, "", err
		}
		d.forget()
		d.sub, d.last = sub, dir
	}
	return d.sub, base, nil
}

func (d *rootDir) forget() {
	if d.sub != nil {
		d.sub.Close()
	}
	d.sub, d.last = nil, ""
}

func (d *rootDir) Name() string { return d.root.Name() }

func (d *rootDir) Close() error {
	d.forget()
	return d.root.Close()
}

func (d *rootDir) OpenFile(name string, flag int, perm fs.FileMode) (afero.File, error) {
	dir, base, err := d.at(name)
	if err != nil {
		return nil, err
	}
	if flag&os.O_EXCL != 0 { // a new file is a regular file, and opening it never blocks
		f, err := dir.OpenFile(base, flag, perm)
		if err != nil {
			return nil, err // a nil *os.File must not become a non-nil afero.File
		}
		return f, nil
	}
	return openRegular(dir.OpenFile(base, flag|regular.Flag, perm))
}

func (d *rootDir) Create(name string) (afero.File, error) {
	return d.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
}

func (d *rootDir) Open(name string) (afero.File, error) { return d.OpenFile(name, os.O_RDONLY, 0) }

func (d *rootDir) Lstat(name string) (fs.FileInfo, error) {
	dir, base, err := d.at(name)
	if err != nil {
		return nil, err
	}
	return dir.Lstat(base)
}

func (d *rootDir) Stat(name string) (fs.FileInfo, error)        { return d.root.Stat(name) }
func (d *rootDir) MkdirAll(name string, perm fs.FileMode) error { return d.root.MkdirAll(name, perm) }
func (d *rootDir) Chown(name string, uid, gid int) error        { return d.root.Chown(name, uid, gid) }

func (d *rootDir) Mkdir(name string, perm fs.FileMode) error {
	dir, base, err := d.at(name)
	if err != nil {
		return err
	}
	return dir.Mkdir(base, perm)
}

func (d *rootDir) Chtimes(name string, atime, mtime time.Time) error {
	return d.root.Chtimes(name, atime, mtime)
}

func (d *rootDir) Chmod(name string, mode fs.FileMode) error {
	dir, base, err := d.at(name)
	if err != nil {
		return err
	}
	return dir.Chmod(base, mode)
}

// Within implements FS. It opens the folder relative to the open root, not by its path.
func (d *rootDir) Within(name string) (Dir, error) {
	root, err := d.root.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	return &rootDir{root: root}, nil
}

// These methods may move or remove the cached folder, so they close it first.

func (d *rootDir) Remove(name string) error {
	if dir, base := path.Split(name); dir != "" && dir == d.last {
		return d.sub.Remove(base)
	}
	d.forget()
	return d.root.Remove(name)
}

func (d *rootDir) RemoveAll(name string) error {
	d.forget()
	return d.root.RemoveAll(name)
}

func (d *rootDir) Rename(from, to string) error {
	if dir, base := path.Split(from); dir != "" && dir == d.last && dir == to[:strings.LastIndexByte(to, '/')+1] {
		return d.sub.Rename(base, path.Base(to))
	}
	d.forget()
	return d.root.Rename(from, to)
}

// Place implements Dir. It uses a hard link where the file system supports them.
func (d *rootDir) Place(from, to string) error {
	dir, base, err := d.at(to)
	if err != nil {
		return err
	}
	if path.Dir(from) == path.Dir(to) {
		err = dir.Link(path.Base(from), base)
	} else {
		err = d.root.Link(from, to)
	}
	switch {
	case err == nil:
		if err := d.Remove(from); err != nil {
			return errors.Join(err, d.Remove(to))
		}
		return nil
	case errors.Is(err, fs.ErrExist):
		return err
	}
	return placeByRename(d, from, to)
}

func placeByRename(d Dir, from, to string) error {
	if _, err := d.Lstat(to); err == nil {
		return &fs.PathError{Op: "rename", Path: to, Err: fs.ErrExist}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return d.Rename(from, to)
}
