package cmd

import (
	"os"
	"path"
	"strings"

	"dockerflow/generator/tree"
)

// mortal is a disk that kills the program when it moves its first file, or a whole project, into place.
type mortal struct{ tree.FS }

func (m mortal) Within(dir string) (tree.Dir, error) {
	d, err := m.FS.Within(dir)
	return mortalDir{d}, err
}

type mortalDir struct{ tree.Dir }

func (m mortalDir) Within(dir string) (tree.Dir, error) {
	d, err := m.Dir.Within(dir)
	return mortalDir{d}, err
}

func (m mortalDir) Place(from, to string) error {
	if err := m.Dir.Place(from, to); err != nil {
		return err
	}
	die()
	return nil
}

// Rename kills the program before a project, and after the first file, is in place. It ignores files inside a state
// folder.
func (m mortalDir) Rename(from, to string) error {
	staged := strings.HasPrefix(path.Base(from), ".dockerflow-")
	if staged && !strings.Contains(path.Base(from)[len(".dockerflow-"):], "-") {
		die()
	}
	err := m.Dir.Rename(from, to)
	if staged {
		die()
	}
	return err
}

func die() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {} // wait for the kill to take effect
}
