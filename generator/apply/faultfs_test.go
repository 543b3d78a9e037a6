package apply

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync"

	"github.com/spf13/afero"

	"dockerflow/generator/tree"
)

// fault counts the operations on the folder that a plan writes to, and makes one of them fail.
type fault struct {
	mu     sync.Mutex // many files are written concurrently
	at     int        // the number of the operation, from 1
	onward bool       // whether all later operations fail, too
	err    error      // the error; nil means that the operation succeeds and ends the run
	cancel func()     // ends the run
	count  int
	hit    string // the first operation that failed
	opened int    // number of files created after that
}

func (x *fault) strike(op, name string) error {
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

// faultFS is a disk on which operations fail.
type faultFS struct {
	tree.Disk
	*fault
}

func (d faultFS) Stat(name string) (fs.FileInfo, error) {
	if err := d.strike("stat", name); err != nil {
		return nil, err
	}
	return d.Disk.Stat(name)
}

func (d faultFS) Lstat(name string) (fs.FileInfo, error) {
	if err := d.strike("lstat", name); err != nil {
		return nil, err
	}
	return d.Disk.Lstat(name)
}

func (d faultFS) Within(dir string) (tree.Dir, error) {
	if err := d.strike("within", dir); err != nil {
		return nil, err
	}
	inner, err := d.Disk.Within(dir)
	return &faultDir{inner, d.fault}, err
}

type faultDir struct {
	tree.Dir
	*fault
}

func (d *faultDir) Within(name string) (tree.Dir, error) {
	if err := d.strike("within", name); err != nil {
		return nil, err
	}
	inner, err := d.Dir.Within(name)
	return &faultDir{inner, d.fault}, err
}

func (d *faultDir) Place(from, to string) error {
	if err := d.strike("place", to); err != nil {
		return err
	}
	return d.Dir.Place(from, to)
}

func (d *faultDir) Chmod(name string, mode fs.FileMode) error {
	if err := d.strike("chmod", name); err != nil {
		return err
	}
	return d.Dir.Chmod(name, mode)
}

func (d *faultDir) Stat(name string) (fs.FileInfo, error) {
	if err := d.strike("stat", name); err != nil {
		return nil, err
	}
	return d.Dir.Stat(name)
}

func (d *faultDir) Lstat(name string) (fs.FileInfo, error) {
	if err := d.strike("lstat", name); err != nil {
		return nil, err
	}
	return d.Dir.Lstat(name)
}

func (d *faultDir) Mkdir(name string, perm fs.FileMode) error {
	if err := d.strike("mkdir", name); err != nil {
		return err
	}
	return d.Dir.Mkdir(name, perm)
}

func (d *faultDir) Rename(from, to string) error {
	if err := d.strike("rename", from); err != nil {
		return err
	}
	return d.Dir.Rename(from, to)
}

func (d *faultDir) Remove(name string) error {
	if err := d.strike("remove", name); err != nil {
		return err
	}
	return d.Dir.Remove(name)
}

// RemoveAll fails after it removed something.
func (d *faultDir) RemoveAll(name string) error {
	err := d.strike("removeall", name)
	if err == nil {
		return d.Dir.RemoveAll(name)
	}
	if list, _ := afero.ReadDir(d.Dir, name); len(list) > 0 {
		err = errors.Join(err, d.Dir.RemoveAll(path.Join(name, list[0].Name())))
	}
	return err
}

func (d *faultDir) OpenFile(name string, flag int, perm fs.FileMode) (afero.File, error) {
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
	return &faultFile{f, d.fault}, nil
}

// raced is a disk on which another process creates each folder first.
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

type faultFile struct {
	afero.File
	*fault
}

// Write fails after it wrote half of the data.
func (f *faultFile) Write(data []byte) (int, error) {
	if err := f.strike("write", f.Name()); err != nil {
		n, _ := f.File.Write(data[:len(data)/2])
		return n, err
	}
	return f.File.Write(data)
}

// Sync does not wait for the disk: no test cuts the power.
func (f *faultFile) Sync() error { return f.strike("sync", f.Name()) }

func (f *faultFile) Read(data []byte) (int, error) {
	if err := f.strike("read", f.Name()); err != nil {
		return 0, err
	}
	return f.File.Read(data)
}

func (f *faultFile) Close() error {
	return errors.Join(f.strike("close", f.Name()), f.File.Close())
}
