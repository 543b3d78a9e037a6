package generator

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dockerflow/internal/testdir"
)

func TestMain(m *testing.M) {
	testdir.InMemory()
	os.Exit(m.Run()) //nolint:forbidigo // as every TestMain
}

// world is what a folder holds, by path: "a" is a file, "a +x" an executable one, "a/" a folder and "a@" a symbolic
// link. Folders on the way need not be named.
type world map[string]string

// make writes a world into a new folder and returns that.
func (w world) make(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, data := range w {
		name, executable := strings.CutSuffix(name, " +x")
		name, isLink := strings.CutSuffix(name, "@")
		name = root + "/" + name
		dir, base := filepath.Split(name)
		err := os.MkdirAll(dir, 0o755)
		switch {
		case err != nil || base == "":
		case isLink:
			err = os.Symlink(data, name)
		case executable:
			err = os.WriteFile(name, []byte(data), 0o755)
		default:
			err = os.WriteFile(name, []byte(data), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// look returns all that is below a folder: mode, and content or destination, by path.
func look(t *testing.T, root string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		var data []byte
		switch info.Mode().Type() {
		case fs.ModeSymlink:
			var to string
			to, err = os.Readlink(p)
			data = []byte(to)
		case 0:
			data, err = os.ReadFile(p)
		}
		name, _ := filepath.Rel(root, p)
		found[filepath.ToSlash(name)] = fmt.Sprintf("%v %s", info.Mode(), data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

var (
	small = Tree{
		"README.md":   {0o644, []byte("read\n")},
		"bin/run":     {0o755, []byte("#!/bin/sh\n")},
		"src/a/b.txt": {0o644, []byte("b\r\n\x00\xff")},
		"src/empty":   {0o644, []byte{}},
	}
	create = []Change{
		{Path: "README.md", Action: Create}, {Path: "bin/run", Action: Create},
		{Path: "src/a/b.txt", Action: Create}, {Path: "src/empty", Action: Create},
	}
)

// project is what small makes in a folder.
func project(dir string) world {
	w := world{}
	for p, f := range small {
		if f.Mode&0o100 != 0 {
			p += " +x"
		}
		w[dir+"/"+p] = string(f.Data)
	}
	return w
}

// plus returns a world with other files, and without those that are gone.
func (w world) plus(other world) world {
	all := world{}
	for _, m := range []world{w, other} {
		for name, data := range m {
			all[name] = data
			if data == gone {
				delete(all, name)
			}
		}
	}
	return all
}

func plan(t *testing.T, dir string, decide Action) *Plan {
	t.Helper()
	p, err := NewPlan(Disk{}, dir, small)
	if err != nil {
		t.Fatal(err)
	}
	if decide != "" {
		p.Decide(decide)
	}
	return p
}
