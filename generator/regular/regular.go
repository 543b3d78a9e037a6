// Package regular opens and reads regular files only. A path that someone else controls may be a pipe, a socket or a
// device, and opening or reading it could block forever.
package regular

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// Err is returned for anything but a regular file or a folder.
var Err = errors.New("not a regular file")

// Flag makes os.OpenFile return at once, whatever the path is.
const Flag = nonblock

// Stater is an open file.
type Stater interface {
	Stat() (fs.FileInfo, error)
	Close() error
}

// Check checks a file that was opened with Flag. It closes the file unless it is a regular file or a folder. A check
// before opening is not enough: the path may have been replaced since.
func Check(f Stater, name string) error {
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		err = &fs.PathError{Op: "open", Path: name, Err: Err}
	}
	if err != nil {
		f.Close()
	}
	return err
}

// Read reads an open file of at most limit bytes. It refuses a folder.
func Read(f fs.File, limit int64) ([]byte, error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, Err
	case info.Size() > limit:
		return nil, tooLong(limit)
	}
	data := make([]byte, 0, info.Size()+1) // to finish with a single read
	for {
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		switch {
		case int64(len(data)) > limit: // the file has grown
			return nil, tooLong(limit)
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			return nil, err
		case len(data) == cap(data):
			data = append(data, 0)[:len(data)]
		}
	}
}

func tooLong(limit int64) error { return fmt.Errorf("longer than %d bytes", limit) }

// FS is an os.Root as a file system that only opens regular files and folders.
type FS struct{ Root *os.Root }

// Open implements fs.FS.
func (r FS) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	f, err := r.Root.OpenFile(name, os.O_RDONLY|Flag, 0)
	if err != nil {
		return nil, err
	}
	if err := Check(f, name); err != nil {
		return nil, err
	}
	return f, nil
}

// Stat implements fs.StatFS.
func (r FS) Stat(name string) (fs.FileInfo, error) { return fs.Stat(r.Root.FS(), name) }

// Lstat implements fs.ReadLinkFS.
func (r FS) Lstat(name string) (fs.FileInfo, error) { return fs.Lstat(r.Root.FS(), name) }

// ReadLink implements fs.ReadLinkFS.
func (r FS) ReadLink(name string) (string, error) { return fs.ReadLink(r.Root.FS(), name) }
