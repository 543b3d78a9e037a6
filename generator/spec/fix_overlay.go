package spec

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
		return &written{bytes.NewReader(data), path.Base(name)}, nil
	}
	return o.FS.Open(name)
}

// written is a file that is not on the disk yet, and its own FileInfo.
type written struct {
	*bytes.Reader
	name string
}

func (w *written) Stat() (fs.FileInfo, error) { return w, nil }
func (w *written) Close() error               { return nil }
func (w *written) Name() string               { return w.name }
func (w *written) Mode() fs.FileMode          { return 0o644 }
func (w *written) ModTime() time.Time         { return time.Time{} }
func (w *written) IsDir() bool                { return false }
func (w *written) Sys() any                   { return nil }

// Lstat implements fs.ReadLinkFS.
func (o overlay) Lstat(name string) (fs.FileInfo, error) {
	if data, ok := o.files[name]; ok {
		return &written{bytes.NewReader(data), path.Base(name)}, nil
	}
	return fs.Lstat(o.FS, name)
}

// ReadLink implements fs.ReadLinkFS.
func (o overlay) ReadLink(name string) (string, error) { return fs.ReadLink(o.FS, name) }
