// Package treetest creates folders for tests, and compares what they contain.
package treetest

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Gone is the content of a file that With removes.
const Gone = "\x00"

// Folder describes the contents of a folder, by path: "a" is a file, "a +x" an executable file, "a/" a folder and "a@"
// a symbolic link. Parent folders are implied.
type Folder map[string]string

// Make writes the files into a new temporary folder and returns its path.
func (w Folder) Make(t *testing.T) string {
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

// Look returns everything below a folder, by path: the mode, and the content or the target of a link.
func Look(t *testing.T, root string) map[string]string {
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

// With returns a copy of w with the files of other, and without those that are Gone.
func (w Folder) With(other Folder) Folder {
	all := Folder{}
	for _, m := range []Folder{w, other} {
		for name, data := range m {
			all[name] = data
			if data == Gone {
				delete(all, name)
			}
		}
	}
	return all
}
