package tree

import (
	"errors"
	"io/fs"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dockerflow/generator/tree/treetest"
)

// The folder that was opened last must not be confused with a new folder of the same name.
func TestDirFollowsItsOwnChanges(t *testing.T) {
	t.Parallel()
	changes := map[string]func(Dir) error{
		"rename":     func(d Dir) error { return d.Rename("sub", "other") },
		"remove":     func(d Dir) error { return errors.Join(d.Remove("sub/x"), d.Remove("sub")) },
		"remove all": func(d Dir) error { return d.RemoveAll("sub") },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, err := Disk{}.Within(treetest.Folder{"sub/x": "x"}.Make(t))
			if err != nil {
				t.Fatal(err)
			}
			defer dir.Close()
			if _, err := dir.Lstat("sub/x"); err != nil {
				t.Fatal(err)
			}
			if err := change(dir); err != nil {
				t.Fatal(err)
			}
			if f, err := dir.OpenFile("sub/x", os.O_CREATE|os.O_WRONLY, 0o644); !errors.Is(err, fs.ErrNotExist) || f != nil {
				t.Errorf("create a file in the removed folder: got %v, %v; want nil, %v", f, err, fs.ErrNotExist)
			}
			if err := dir.Mkdir("sub", 0o755); err != nil {
				t.Fatal(err)
			}
			if f, err := dir.OpenFile("sub/x", os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644); err != nil {
				t.Errorf("create a file in the new folder: %v", err)
			} else {
				f.Close()
			}
			if f, err := dir.Open("x"); !errors.Is(err, fs.ErrNotExist) || f != nil {
				t.Errorf("open a missing file: got %v, %v; want nil, %v", f, err, fs.ErrNotExist)
			}
		})
	}
}

// Check all methods, not only those that a plan uses today.
func TestNothingLeadsOutOfADir(t *testing.T) {
	t.Parallel()
	open := func(flag int) func(Dir, string) error {
		return func(d Dir, name string) error {
			f, err := d.OpenFile(name, flag, 0o644)
			if err == nil {
				f.Close()
			} else if f != nil {
				return nil // a nil file must not become a non-nil interface
			}
			return err
		}
	}
	methods := map[string]func(Dir, string) error{
		"create": func(d Dir, name string) error { _, err := d.Create(name); return err },
		"open":   func(d Dir, name string) error { _, err := d.Open(name); return err },
		"read":   open(os.O_RDONLY), "write": open(os.O_WRONLY | os.O_CREATE), "exclusive": open(os.O_WRONLY | os.O_CREATE | os.O_EXCL),
		"mkdir":       func(d Dir, name string) error { return d.Mkdir(name, 0o755) },
		"mkdir all":   func(d Dir, name string) error { return d.MkdirAll(name+"/x/y", 0o755) },
		"remove":      func(d Dir, name string) error { return d.Remove(name) },
		"rename from": func(d Dir, name string) error { return d.Rename(name, "x") },
		"rename to":   func(d Dir, name string) error { return d.Rename("file", name) },
		"stat":        func(d Dir, name string) error { _, err := d.Stat(name); return err },
		"lstat":       func(d Dir, name string) error { _, err := d.Lstat(name); return err },
		"chmod":       func(d Dir, name string) error { return d.Chmod(name, 0o777) },
		"chown":       func(d Dir, name string) error { return d.Chown(name, os.Getuid(), os.Getgid()) },
		"remove all":  func(d Dir, name string) error { return d.RemoveAll(name) },
	}
	for method, call := range methods {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			root := treetest.Folder{"secret": "s", "else/secret": "s", "dir/file": "f", "dir/sub/x": "x", "dir/link@": "../else", "dir/sub/up@": "../../else"}.Make(t)
			dir, err := Disk{}.Within(root + "/dir")
			if err != nil {
				t.Fatal(err)
			}
			defer dir.Close()
			before := treetest.Look(t, root)
			for _, name := range []string{"../secret", "sub/../../secret", root + "/secret", "link/secret", "sub/up/secret", "link/../../secret"} {
				if err := call(dir, name); err == nil {
					t.Errorf("%s: no error", name)
				}
			}
			if diff := cmp.Diff(before, treetest.Look(t, root)); diff != "" {
				t.Errorf("the folder differs (-before +after):\n%s", diff)
			}
		})
	}
}
