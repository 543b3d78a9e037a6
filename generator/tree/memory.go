package tree

import (
	"io/fs"

	"github.com/spf13/afero"
)

// Memory is a file system for tests and previews. It has no symbolic links.
type Memory struct{ afero.Fs }

// NewMemory returns an empty one.
func NewMemory() Memory { return Memory{afero.NewMemMapFs()} }

// Lstat implements FS.
func (m Memory) Lstat(name string) (fs.FileInfo, error) { return m.Stat(name) }

// Close implements Dir.
func (Memory) Close() error { return nil }

// Place implements Dir.
func (m Memory) Place(from, to string) error { return placeByRename(m, from, to) }

// Within implements FS.
func (m Memory) Within(dir string) (Dir, error) {
	if dir == "." {
		return m, nil
	}
	return Memory{afero.NewBasePathFs(m.Fs, dir)}, nil
}

// FS is the tree as a file system of its own.
func (tree Tree) FS() (fs.FS, error) {
	memory := afero.NewMemMapFs()
	for p, f := range tree {
		if err := afero.WriteFile(memory, p, f.Data, f.Mode); err != nil {
			return nil, err
		}
	}
	return afero.NewIOFS(memory), nil
}
