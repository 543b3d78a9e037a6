package tree

import (
	"io/fs"
	"sync"

	"github.com/spf13/afero"
)

// Memory is a file system for tests and previews. It has no symbolic links.
type Memory struct {
	afero.Fs
	folders *sync.Mutex // held while folders are made and placed: a rename would replace one that another run has just made
}

// NewMemory returns an empty file system.
func NewMemory() Memory { return Memory{afero.NewMemMapFs(), &sync.Mutex{}} }

// Lstat implements FS.
func (m Memory) Lstat(name string) (fs.FileInfo, error) { return m.Stat(name) }

// Close implements Dir.
func (Memory) Close() error { return nil }

// Mkdir implements afero.Fs.
func (m Memory) Mkdir(name string, perm fs.FileMode) error {
	m.folders.Lock()
	defer m.folders.Unlock()
	return m.Fs.Mkdir(name, perm)
}

// MkdirAll implements afero.Fs.
func (m Memory) MkdirAll(name string, perm fs.FileMode) error {
	m.folders.Lock()
	defer m.folders.Unlock()
	return m.Fs.MkdirAll(name, perm)
}

// Place implements Dir.
func (m Memory) Place(from, to string) error {
	m.folders.Lock()
	defer m.folders.Unlock()
	return placeByRename(m, from, to)
}

// Within implements FS.
func (m Memory) Within(dir string) (Dir, error) {
	if dir == "." {
		return m, nil
	}
	return Memory{afero.NewBasePathFs(m.Fs, dir), m.folders}, nil
}

// FS returns the tree as a read-only file system.
func (tree Tree) FS() (fs.FS, error) {
	memory := afero.NewMemMapFs()
	for p, f := range tree {
		if err := afero.WriteFile(memory, p, f.Data, f.Mode); err != nil {
			return nil, err
		}
	}
	return afero.NewIOFS(memory), nil
}
