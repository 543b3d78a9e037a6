package apply

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"

	"dockerflow/generator/tree"

	"github.com/spf13/afero"
)

// trouble counts the operations on the folder that a plan writes to, and strikes at one of them.
type trouble struct {
	mu     sync.Mutex // many files have many writers
	at     int        // the operation, from 1
	onward bool       // and at all that follow
	err    error      // what it fails with; nil ends the run there, while the operation succeeds
	cancel func()     // ends the run
	count  int
	hit    string // the operation that was struck first
	opened int    // how many files were begun after that
}

func (x *trouble) strike(op, name string) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.count++
	if x.hit != "" && op == "create" && !strings.HasSuffix(name, "-back") && name != lockFile && name != originalsFile && name != unfinished {
		x.opened++
	}
	if x.at == 0 || x.count < x.at || x.count > x.at && !x.onward {
		return nil
	}
	if x.hit == "" {
		x.hit = op
	}
	if x.err == nil {
		x.cancel()
		return nil
	}
	return &fs.PathError{Op: op, Path: name, Err: x.err}
}

// troubledDisk is the disk with trouble.
type troubledDisk struct {
	tree.Disk
	*trouble
}

func (d troubledDisk) Stat(name string) (fs.FileInfo, error) {
	if err := d.strike("stat", name); err != nil {
		return nil, err
	}
	return d.Disk.Stat(name)
}

func (d troubledDisk) Lstat(name string) (fs.FileInfo, error) {
	if err := d.strike("lstat", name); err != nil {
		return nil, err
	}
	return d.Disk.Lstat(name)
}

func (d troubledDisk) Within(dir string) (tree.Dir, error) {
	if err := d.strike("within", dir); err != nil {
		return nil, err
	}
	inner, err := d.Disk.Within(dir)
	return &troubledDir{inner, d.trouble}, err
}

type troubledDir struct {
	tree.Dir
	*trouble
}

func (d *troubledDir) Within(name string) (tree.Dir, error) {
	if err := d.strike("within", name); err != nil {
		return nil, err
	}
	inner, err := d.Dir.Within(name)
	return &troubledDir{inner, d.trouble}, err
}

func (d *troubledDir) Place(from, to string) error {
	if err := d.strike("place", to); err != nil {
		return err
	}
	return d.Dir.Place(from, to)
}

func (d *troubledDir) Chmod(name string, mode fs.FileMode) error {
	if err := d.strike("chmod", name); err != nil {
		return err
	}
	return d.Dir.Chmod(name, mode)
}

func (d *troubledDir) Stat(name string) (fs.FileInfo, error) {
	if err := d.strike("stat", name); err != nil {
		return nil, err
	}
	return d.Dir.Stat(name)
}

func (d *troubledDir) Lstat(name string) (fs.FileInfo, error) {
	if err := d.strike("lstat", name); err != nil {
		return nil, err
	}
	return d.Dir.Lstat(name)
}

func (d *troubledDir) Mkdir(name string, perm fs.FileMode) error {
	if err := d.strike("mkdir", name); err != nil {
		return err
	}
	return d.Dir.Mkdir(name, perm)
}

func (d *troubledDir) Rename(from, to string) error {
	if err := d.strike("rename", from); err != nil {
		return err
	}
	return d.Dir.Rename(from, to)
}

func (d *troubledDir) Remove(name string) error {
	if err := d.strike("remove", name); err != nil {
		return err
	}
	return d.Dir.Remove(name)
}

// RemoveAll fails when it has removed something.
func (d *troubledDir) RemoveAll(name string) error {
	err := d.strike("removeall", name)
	if err == nil {
		return d.Dir.RemoveAll(name)
	}
	if list, _ := afero.ReadDir(d.Dir, name); len(list) > 0 {
		err = errors.Join(err, d.Dir.RemoveAll(path.Join(name, list[0].Name())))
	}
	return err
}

func (d *troubledDir) OpenFile(name string, flag int, perm fs.FileMode) (afero.File, error) {
	op := "open"
	if flag&os.O_CREATE != 0 {
		op = "create"
	}
	if err := d.strike(op, name); err != nil {
		return nil, err
	}
	f, err := d.Dir.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return &troubledFile{f, d.trouble}, nil
}

// raced is the disk when somebody else makes each folder a moment earlier.
type raced struct{ tree.Disk }

func (d raced) Within(dir string) (tree.Dir, error) {
	inner, err := d.Disk.Within(dir)
	return &racedDir{inner}, err
}

type racedDir struct{ tree.Dir }

func (d *racedDir) Mkdir(name string, perm fs.FileMode) error {
	if name == tree.StateFolder {
		return d.Dir.Mkdir(name, perm)
	}
	return errors.Join(d.Dir.Mkdir(name, perm), d.Dir.Mkdir(name, perm))
}

type troubledFile struct {
	afero.File
	*trouble
}

// Write fails when it has written half.
func (f *troubledFile) Write(data []byte) (int, error) {
	if err := f.strike("write", f.Name()); err != nil {
		n, _ := f.File.Write(data[:len(data)/2])
		return n, err
	}
	return f.File.Write(data)
}

// Sync does not wait for the disk: no test takes its power.
func (f *troubledFile) Sync() error { return f.strike("sync", f.Name()) }

func (f *troubledFile) Read(data []byte) (int, error) {
	if err := f.strike("read", f.Name()); err != nil {
		return 0, err
	}
	return f.File.Read(data)
}

func (f *troubledFile) Close() error {
	return errors.Join(f.strike("close", f.Name()), f.File.Close())
}
