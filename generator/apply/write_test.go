package apply

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/afero"
	"golang.org/x/sync/errgroup"

	"dockerflow/generator/merge"
	"dockerflow/generator/tree"
	"dockerflow/generator/tree/treetest"
)

func TestApply(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		dir    string
		have   treetest.Folder
		decide merge.Action
		want   treetest.Folder
	}{
		{"a new folder", "new", treetest.Folder{"x": "x"}, "", project("new").With(treetest.Folder{"x": "x"})},
		{"a new folder with its parents", "a/b/new", treetest.Folder{"x": "x"}, "", project("a/b/new").With(treetest.Folder{"x": "x"})},
		{"a new folder in one that exists", "a/b/new", treetest.Folder{"a/x": "x"}, "", project("a/b/new").With(treetest.Folder{"a/x": "x"})},
		{"a new folder through a link in the given path", "link/new", treetest.Folder{"else/": "", "link@": "else"}, "", project("else/new").With(treetest.Folder{"link@": "else"})},
		{"an empty folder", "dir", treetest.Folder{"dir/": ""}, "", project("dir")},
		{"a folder with other files", "dir", treetest.Folder{"dir/x": "x", "dir/src/a/y +x": "y"}, "", project("dir").With(treetest.Folder{"dir/x": "x", "dir/src/a/y +x": "y"})},
		{"some files are there", "dir", treetest.Folder{"dir/bin/run +x": "#!/bin/sh\n"}, "", project("dir")},
		{"all files are there", "dir", project("dir"), "", project("dir")},
		{"a link to another folder inside", "dir", treetest.Folder{"dir/src@": "lib/x", "dir/lib/x/y": "y"}, "", project("dir/lib/x").With(treetest.Folder{
			"dir/lib/x/README.md": treetest.Gone, "dir/README.md": "read\n", "dir/lib/x/bin/run +x": treetest.Gone, "dir/bin/run +x": "#!/bin/sh\n",
			"dir/lib/x/src/a/b.txt": treetest.Gone, "dir/lib/x/a/b.txt": "b\r\n\x00\xff", "dir/lib/x/src/empty": treetest.Gone, "dir/lib/x/empty": "",
			"dir/src@": "lib/x", "dir/lib/x/y": "y",
		})},
		{
			"skip keeps existing files of any kind", "dir",
			treetest.Folder{"dir/README.md": "mine\n", "dir/bin": "x", "dir/src/empty/x": "x", "secret": "s"}, merge.Skip,
			treetest.Folder{"dir/README.md": "mine\n", "dir/bin": "x", "dir/src/empty/x": "x", "secret": "s", "dir/src/a/b.txt": "b\r\n\x00\xff"},
		},
		{
			"skip keeps links, and does not write through them", "dir",
			treetest.Folder{"dir/README.md@": "../secret", "dir/src@": "../else", "else/": "", "secret": "s"}, merge.Skip,
			treetest.Folder{"dir/README.md@": "../secret", "dir/src@": "../else", "else/": "", "secret": "s", "dir/bin/run +x": "#!/bin/sh\n"},
		},
		{
			"overwrite replaces only content and mode", "dir",
			treetest.Folder{"dir/README.md +x": "mine\n", "dir/bin/run": "#!/bin/sh\n", "dir/src/a/b.txt": strings.Repeat("x", maxOld+1), "dir/src/a/x": "x"}, merge.Overwrite,
			project("dir").With(treetest.Folder{"dir/src/a/x": "x"}),
		},
		{"overwrite with nothing in the way", "new", treetest.Folder{}, merge.Overwrite, project("new")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := tt.have.Make(t)
			p := plan(t, filepath.Join(root, tt.dir), tt.decide)
			if err := p.Apply(t.Context(), tree.Disk{}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(treetest.Look(t, tt.want.Make(t)), treetest.Look(t, root)); diff != "" {
				t.Errorf("the folder differs (-want +got):\n%s", diff)
			}
		})
	}
}

// The same must hold on the file system for previews and tests.
func TestApplyInMemory(t *testing.T) {
	t.Parallel()
	m := tree.NewMemory()
	for _, dir := range []string{"new", "a/b", "."} {
		p, err := NewPlan(m, dir, small)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Apply(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		for name, want := range small {
			info, err := m.Stat(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			data, err := afero.ReadFile(m, filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, tree.File{Mode: info.Mode(), Data: data}); diff != "" {
				t.Errorf("%s in %s (-want +got):\n%s", name, dir, diff)
			}
		}
		again, err := NewPlan(m, dir, small)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range again.Changes {
			if c.Action != merge.Identical {
				t.Errorf("%s in %s: got %s %s, want identical", c.Path, dir, c.Action, c.Why)
			}
		}
	}

	if err := afero.WriteFile(m, "new/README.md", []byte("mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := NewPlan(m, "new", small)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Apply(t.Context(), m); !errors.Is(err, ErrConflict) {
		t.Errorf("got %v, want %v", err, ErrConflict)
	}
	p.Decide(merge.Overwrite)
	if err := p.Apply(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if data, err := afero.ReadFile(m, "new/README.md"); err != nil || string(data) != "read\n" {
		t.Errorf("got %q, %v; want the new content", data, err)
	}
	left, err := afero.Glob(m, "*/.dockerflow-*")
	if err != nil || len(left) > 0 {
		t.Errorf("left over: %q, %v", left, err)
	}
}

func TestApplyNothing(t *testing.T) {
	t.Parallel()
	root := treetest.Folder{"dir/": ""}.Make(t)
	for _, dir := range []string{"new", "dir"} {
		p, err := NewPlan(tree.Disk{}, filepath.Join(root, dir), tree.Tree{})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Apply(t.Context(), tree.Disk{}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(treetest.Look(t, treetest.Folder{"dir/": "", "new/": ""}.Make(t)), treetest.Look(t, root)); diff != "" {
		t.Errorf("the folder differs (-want +got):\n%s", diff)
	}
}

func TestApplyHere(t *testing.T) {
	root := treetest.Folder{"other": "x"}.Make(t)
	t.Chdir(root)
	for _, dir := range []string{".", "sub/new"} {
		if err := plan(t, dir, "").Apply(t.Context(), tree.Disk{}); err != nil {
			t.Fatal(err)
		}
	}
	want := project(".").With(project("sub/new")).With(treetest.Folder{"other": "x"})
	if diff := cmp.Diff(treetest.Look(t, want.Make(t)), treetest.Look(t, root)); diff != "" {
		t.Errorf("the folder differs (-want +got):\n%s", diff)
	}
}

// Other processes may write between a plan and its end.
func TestApplyRollsBackWhenOthersWrite(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		dir    string
		have   treetest.Folder
		decide merge.Action
		then   func(root string) error
		want   error // nil for any error
	}{
		{"nobody decided", "dir", treetest.Folder{"dir/README.md": "mine\n"}, "", nil, ErrConflict},
		{"files that cannot be overwritten", "dir", treetest.Folder{"dir/README.md": "mine\n", "dir/bin": "x"}, merge.Overwrite, nil, ErrConflict},
		{"the folder came", "new", treetest.Folder{}, "", func(root string) error { return os.Mkdir(root+"/new", 0o755) }, fs.ErrExist},
		{"a file came for the folder", "new", treetest.Folder{}, "", func(root string) error { return os.WriteFile(root+"/new", nil, 0o644) }, fs.ErrExist},
		{"a file came for the folder's parent", "a/b", treetest.Folder{}, "", func(root string) error { return os.WriteFile(root+"/a", nil, 0o644) }, fs.ErrExist},
		{"a link came for the folder's parent", "a/b", treetest.Folder{"else/": ""}, "", func(root string) error { return os.Symlink("else", root+"/a") }, fs.ErrExist},
		{"the folder came with its parent", "a/b", treetest.Folder{}, "", func(root string) error { return os.MkdirAll(root+"/a/b", 0o755) }, fs.ErrExist},
		{"a link came for the folder", "new", treetest.Folder{"else/": ""}, "", func(root string) error { return os.Symlink("else", root+"/new") }, fs.ErrExist},
		{"a file came", "dir", treetest.Folder{"dir/": ""}, "", func(root string) error {
			return errors.Join(os.Mkdir(root+"/dir/src", 0o755), os.WriteFile(root+"/dir/src/empty", []byte("mine"), 0o644))
		}, ErrChanged},
		{"a link came for a file", "dir", treetest.Folder{"dir/": "", "secret": "s"}, "", func(root string) error { return os.Symlink("../secret", root+"/dir/README.md") }, ErrChanged},
		{"a dangling link replaced a file", "dir", treetest.Folder{"dir/": ""}, "", func(root string) error { return os.Symlink("../secret", root+"/dir/README.md") }, ErrChanged},
		{"a link to outside replaced a folder", "dir", treetest.Folder{"dir/README.md": "mine\n", "else/": ""}, merge.Overwrite, func(root string) error { return os.Symlink("../else", root+"/dir/src") }, nil},
		{"a dangling link in place of a folder", "dir", treetest.Folder{"dir/src@": "nowhere"}, "", nil, fs.ErrExist},
		{"the file to overwrite was removed", "dir", treetest.Folder{"dir/src/a/b.txt": "mine\n"}, merge.Overwrite, func(root string) error { return os.Remove(root + "/dir/src/a/b.txt") }, ErrChanged},
		{"the file to overwrite was changed", "dir", treetest.Folder{"dir/src/a/b.txt": "mine\n"}, merge.Overwrite, func(root string) error { return os.WriteFile(root+"/dir/src/a/b.txt", []byte("new\n"), 0o644) }, ErrChanged},
		{"the mode of the file to overwrite was changed", "dir", treetest.Folder{"dir/src/a/b.txt": "mine\n"}, merge.Overwrite, func(root string) error { return os.Chmod(root+"/dir/src/a/b.txt", 0o600) }, ErrChanged},
		{"an earlier run is not finished", "dir", treetest.Folder{"dir/src/x": "mine\n"}, "", func(root string) error { return os.Mkdir(root+"/dir/"+tree.StateFolder, 0o700) }, ErrPending},
		{"the folder is gone", "dir", treetest.Folder{"dir/": ""}, "", func(root string) error { return os.Remove(root + "/dir") }, fs.ErrNotExist},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := tt.have.Make(t)
			p := plan(t, filepath.Join(root, tt.dir), tt.decide)
			if tt.then != nil {
				if err := tt.then(root); err != nil {
					t.Fatal(err)
				}
			}
			before := treetest.Look(t, root)
			if err := p.Apply(t.Context(), tree.Disk{}); err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if diff := cmp.Diff(before, treetest.Look(t, root)); diff != "" {
				t.Errorf("the folder differs (-before +after):\n%s", diff)
			}
		})
	}
}

func TestApplyTakesAFolderThatAnotherMade(t *testing.T) {
	t.Parallel()
	root := treetest.Folder{"dir/x": "x"}.Make(t)
	if err := plan(t, filepath.Join(root, "dir"), "").Apply(t.Context(), raced{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(treetest.Look(t, project("dir").With(treetest.Folder{"dir/x": "x"}).Make(t)), treetest.Look(t, root)); diff != "" {
		t.Errorf("the folder differs (-want +got):\n%s", diff)
	}
}

// Two projects may share a folder that did not exist when they were planned.
func TestApplyBesideAnother(t *testing.T) {
	t.Parallel()
	root := treetest.Folder{}.Make(t)
	dirs := []string{"a/b/one", "a/b/two", "a/three", "a/c/d/four"}
	want := treetest.Folder{}
	var plans []*Plan
	for _, dir := range dirs {
		plans = append(plans, plan(t, filepath.Join(root, dir), ""))
		want = want.With(project(dir))
	}
	for _, p := range plans {
		if err := p.Apply(t.Context(), tree.Disk{}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(treetest.Look(t, want.Make(t)), treetest.Look(t, root)); diff != "" {
		t.Errorf("the folder differs (-want +got):\n%s", diff)
	}
}

// appearing is a disk on which another process creates a folder just after it was checked.
type appearing struct {
	tree.Disk
	folder string
}

func (d appearing) Stat(name string) (fs.FileInfo, error) {
	info, err := d.Disk.Stat(name)
	if name == d.folder && err != nil {
		err = errors.Join(err, os.Mkdir(name, 0o755))
	}
	return info, err
}

func TestPlanBelowAFolderThatAppears(t *testing.T) {
	t.Parallel()
	root := treetest.Folder{}.Make(t)
	p, err := NewPlan(appearing{folder: filepath.Join(root, "a")}, filepath.Join(root, "a/one"), small)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Apply(t.Context(), tree.Disk{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(treetest.Look(t, project("a/one").Make(t)), treetest.Look(t, root)); diff != "" {
		t.Errorf("the folder differs (-want +got):\n%s", diff)
	}
}

// Many projects are planned and applied at once, below folders that do not exist at first.
func TestApplyManyAtATime(t *testing.T) {
	t.Parallel()
	root := treetest.Folder{}.Make(t)
	want := treetest.Folder{}
	var g errgroup.Group
	for i := range 24 {
		dir := fmt.Sprintf("a/%d/%d/%d", i%2, i%6, i)
		want = want.With(project(dir))
		g.Go(func() error {
			p, err := NewPlan(tree.Disk{}, filepath.Join(root, dir), small)
			if err != nil {
				return err
			}
			return p.Apply(t.Context(), tree.Disk{})
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(treetest.Look(t, want.Make(t)), treetest.Look(t, root)); diff != "" {
		t.Errorf("the folder differs (-want +got):\n%s", diff)
	}
}

func TestApplySaysWhatEndedIt(t *testing.T) {
	t.Parallel()
	why := errors.New("the terminal is gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	root := treetest.Folder{"dir/README.md": "mine\n"}.Make(t)
	before := treetest.Look(t, root)
	for _, dir := range []string{"new", "dir"} {
		if err := plan(t, filepath.Join(root, dir), merge.Overwrite).Apply(ctx, tree.Disk{}); !errors.Is(err, why) {
			t.Errorf("%s: got %v, want %v", dir, err, why)
		}
	}
	if diff := cmp.Diff(before, treetest.Look(t, root)); diff != "" {
		t.Errorf("the folder differs (-before +after):\n%s", diff)
	}
}
