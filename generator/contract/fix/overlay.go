package fix

import (
	"bytes"
	"io/fs"
	"path"
	"time"
)

// overlay is a file system with some files replaced or added.
type overlay struct {
	fs.FS
	files map[string][]byte
}

// Open implements fs.FS.
func (o overlay) Open(name string) (fs.File, error) {
	if data, ok := o.files[name]; ok {
		return &replaced{bytes.NewReader(data), path.Base(name)}, nil
	}
	return o.FS.Open(name)
}

// replaced is a file that is not on the disk yet, and its own FileInfo.
type replaced struct {
	*bytes.Reader
	name string
}

func (w *replaced) Stat() (fs.FileInfo, error) { return w, nil }
func (w *replaced) Close() error               { return nil }
func (w *replaced) Name() string               { return w.name }
func (w *replaced) Mode() fs.FileMode          { return 0o644 }
func (w *replaced) ModTime() time.Time         { return time.Time{} }
func (w *replaced) IsDir() bool                { return false }
func (w *replaced) Sys() any                   { return nil }

// Lstat implements fs.ReadLinkFS.
func (o overlay) Lstat(name string) (fs.FileInfo, error) {
	if data, ok := o.files[name]; ok {
		return &replaced{bytes.NewReader(data), path.Base(name)}, nil
	}
	return fs.Lstat(o.FS, name)
}

// ReadLink implements fs.ReadLinkFS.
func (o overlay) ReadLink(name string) (string, error) { return fs.ReadLink(o.FS, name) }
