package generator

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
)

func TestApply(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		dir    string
		have   world
		decide Action
		want   world
	}{
		{"a new folder", "new", world{"x": "x"}, "", project("new").plus(world{"x": "x"})},
		{"a new folder with its parents", "a/b/new", world{"x": "x"}, "", project("a/b/new").plus(world{"x": "x"})},
		{"a new folder in one that exists", "a/b/new", world{"a/x": "x"}, "", project("a/b/new").plus(world{"a/x": "x"})},
		{"a new folder behind a link that was typed", "link/new", world{"else/": "", "link@": "else"}, "", project("else/new").plus(world{"link@": "else"})},
		{"an empty folder", "dir", world{"dir/": ""}, "", project("dir")},
		{"a folder with other files", "dir", world{"dir/x": "x", "dir/src/a/y +x": "y"}, "", project("dir").plus(world{"dir/x": "x", "dir/src/a/y +x": "y"})},
		{"some files are there", "dir", world{"dir/bin/run +x": "#!/bin/sh\n"}, "", project("dir")},
		{"all files are there", "dir", project("dir"), "", project("dir")},
		{"a folder that leads to another within", "dir", world{"dir/src@": "lib/x", "dir/lib/x/y": "y"}, "", project("dir/lib/x").plus(world{
			"dir/lib/x/README.md": gone, "dir/README.md": "read\n", "dir/lib/x/bin/run +x": gone, "dir/bin/run +x": "#!/bin/sh\n",
			"dir/lib/x/src/a/b.txt": gone, "dir/lib/x/a/b.txt": "b\r\n\x00\xff", "dir/lib/x/src/empty": gone, "dir/lib/x/empty": "",
			"dir/src@": "lib/x", "dir/lib/x/y": "y",
		})},
		{
			"skip leaves what is in the way, of whatever kind", "dir",
			world{"dir/README.md": "mine\n", "dir/bin": "x", "dir/src/empty/x": "x", "secret": "s"}, Skip,
			world{"dir/README.md": "mine\n", "dir/bin": "x", "dir/src/empty/x": "x", "secret": "s", "dir/src/a/b.txt": "b\r\n\x00\xff"},
		},
		{
			"skip leaves links, and does not write behind them", "dir",
			world{"dir/README.md@": "../secret", "dir/src@": "../else", "else/": "", "secret": "s"}, Skip,
			world{"dir/README.md@": "../secret", "dir/src@": "../else", "else/": "", "secret": "s", "dir/bin/run +x": "#!/bin/sh\n"},
		},
		{
			"overwrite replaces content and mode, and nothing else", "dir",
			world{"dir/README.md +x": "mine\n", "dir/bin/run": "#!/bin/sh\n", "dir/src/a/b.txt": strings.Repeat("x", maxOld+1), "dir/src/a/x": "x"}, Overwrite,
			project("dir").plus(world{"dir/src/a/x": "x"}),
		},
		{"overwrite with nothing in the way", "new", world{}, Overwrite, project("new")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := tt.have.make(t)
			p := plan(t, filepath.Join(root, tt.dir), tt.decide)
			if err := p.Apply(t.Context(), Disk{}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(look(t, tt.want.make(t)), look(t, root)); diff != "" {
				t.Errorf("what is there now (-want +got):\n%s", diff)
			}
		})
	}
}

// The same on the file system of previews and tests.
func TestApplyInMemory(t *testing.T) {
	t.Parallel()
	m := NewMemory()
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
			if diff := cmp.Diff(want, File{info.Mode(), data}); diff != "" {
				t.Errorf("%s in %s (-want +got):\n%s", name, dir, diff)
			}
		}
		again, err := NewPlan(m, dir, small)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range again.Changes {
			if c.Action != Identical {
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
	p.Decide(Overwrite)
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
	root := world{"dir/": ""}.make(t)
	for _, dir := range []string{"new", "dir"} {
		p, err := NewPlan(Disk{}, filepath.Join(root, dir), Tree{})
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Apply(t.Context(), Disk{}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(look(t, world{"dir/": "", "new/": ""}.make(t)), look(t, root)); diff != "" {
		t.Errorf("what is there now (-want +got):\n%s", diff)
	}
}

func TestApplyHere(t *testing.T) {
	root := world{"other": "x"}.make(t)
	t.Chdir(root)
	for _, dir := range []string{".", "sub/new"} {
		if err := plan(t, dir, "").Apply(t.Context(), Disk{}); err != nil {
			t.Fatal(err)
		}
	}
	want := project(".").plus(project("sub/new")).plus(world{"other": "x"})
	if diff := cmp.Diff(look(t, want.make(t)), look(t, root)); diff != "" {
		t.Errorf("what is there now (-want +got):\n%s", diff)
	}
}

// Between a plan and its end, others may write.
func TestApplyTakesBackWhatMeetsAnother(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		dir    string
		have   world
		decide Action
		then   func(root string) error
		want   error // nil for any
	}{
		{"nobody decided", "dir", world{"dir/README.md": "mine\n"}, "", nil, ErrConflict},
		{"what cannot be overwritten", "dir", world{"dir/README.md": "mine\n", "dir/bin": "x"}, Overwrite, nil, ErrConflict},
		{"the folder came", "new", world{}, "", func(root string) error { return os.Mkdir(root+"/new", 0o755) }, fs.ErrExist},
		{"a file came for the folder", "new", world{}, "", func(root string) error { return os.WriteFile(root+"/new", nil, 0o644) }, fs.ErrExist},
		{"a file came for the folder's parent", "a/b", world{}, "", func(root string) error { return os.WriteFile(root+"/a", nil, 0o644) }, fs.ErrExist},
		{"a link came for the folder's parent", "a/b", world{"else/": ""}, "", func(root string) error { return os.Symlink("else", root+"/a") }, fs.ErrExist},
		{"the folder came with its parent", "a/b", world{}, "", func(root string) error { return os.MkdirAll(root+"/a/b", 0o755) }, fs.ErrExist},
		{"a link came for the folder", "new", world{"else/": ""}, "", func(root string) error { return os.Symlink("else", root+"/new") }, fs.ErrExist},
		{"a file came", "dir", world{"dir/": ""}, "", func(root string) error {
			return errors.Join(os.Mkdir(root+"/dir/src", 0o755), os.WriteFile(root+"/dir/src/empty", []byte("mine"), 0o644))
		}, ErrChanged},
		{"a link came for a file", "dir", world{"dir/": "", "secret": "s"}, "", func(root string) error { return os.Symlink("../secret", root+"/dir/README.md") }, ErrChanged},
		{"a link that leads nowhere came for a file", "dir", world{"dir/": ""}, "", func(root string) error { return os.Symlink("../secret", root+"/dir/README.md") }, ErrChanged},
		{"a link that leads out came for a folder", "dir", world{"dir/README.md": "mine\n", "else/": ""}, Overwrite, func(root string) error { return os.Symlink("../else", root+"/dir/src") }, nil},
		{"a link that leads nowhere is a folder's", "dir", world{"dir/src@": "nowhere"}, "", nil, fs.ErrExist},
		{"what was to be overwritten is gone", "dir", world{"dir/src/a/b.txt": "mine\n"}, Overwrite, func(root string) error { return os.Remove(root + "/dir/src/a/b.txt") }, ErrChanged},
		{"what was to be overwritten is another", "dir", world{"dir/src/a/b.txt": "mine\n"}, Overwrite, func(root string) error { return os.WriteFile(root+"/dir/src/a/b.txt", []byte("new\n"), 0o644) }, ErrChanged},
		{"what was to be overwritten has another mode", "dir", world{"dir/src/a/b.txt": "mine\n"}, Overwrite, func(root string) error { return os.Chmod(root+"/dir/src/a/b.txt", 0o600) }, ErrChanged},
		{"an earlier run is not finished", "dir", world{"dir/src/x": "mine\n"}, "", func(root string) error { return os.Mkdir(root+"/dir/"+StateFolder, 0o700) }, ErrPending},
		{"the folder is gone", "dir", world{"dir/": ""}, "", func(root string) error { return os.Remove(root + "/dir") }, fs.ErrNotExist},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := tt.have.make(t)
			p := plan(t, filepath.Join(root, tt.dir), tt.decide)
			if tt.then != nil {
				if err := tt.then(root); err != nil {
					t.Fatal(err)
				}
			}
			before := look(t, root)
			if err := p.Apply(t.Context(), Disk{}); err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if diff := cmp.Diff(before, look(t, root)); diff != "" {
				t.Errorf("what is there now (-before +after):\n%s", diff)
			}
		})
	}
}

func TestApplyTakesAFolderThatAnotherMade(t *testing.T) {
	t.Parallel()
	root := world{"dir/x": "x"}.make(t)
	if err := plan(t, filepath.Join(root, "dir"), "").Apply(t.Context(), raced{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(look(t, project("dir").plus(world{"dir/x": "x"}).make(t)), look(t, root)); diff != "" {
		t.Errorf("what is there now (-want +got):\n%s", diff)
	}
}

// Two projects may share a folder that neither found when it was planned.
func TestApplyBesideAnother(t *testing.T) {
	t.Parallel()
	root := world{}.make(t)
	dirs := []string{"a/b/one", "a/b/two", "a/three", "a/c/d/four"}
	want := world{}
	var plans []*Plan
	for _, dir := range dirs {
		plans = append(plans, plan(t, filepath.Join(root, dir), ""))
		want = want.plus(project(dir))
	}
	for _, p := range plans {
		if err := p.Apply(t.Context(), Disk{}); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(look(t, want.make(t)), look(t, root)); diff != "" {
		t.Errorf("what is there now (-want +got):\n%s", diff)
	}
}

// appearing is the disk when somebody else makes a folder just after it was looked for.
type appearing struct {
	Disk
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
	root := world{}.make(t)
	p, err := NewPlan(appearing{folder: filepath.Join(root, "a")}, filepath.Join(root, "a/one"), small)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Apply(t.Context(), Disk{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(look(t, project("a/one").make(t)), look(t, root)); diff != "" {
		t.Errorf("what is there now (-want +got):\n%s", diff)
	}
}

// Many are planned and applied at a time, below folders that none of them finds.
func TestApplyManyAtATime(t *testing.T) {
	t.Parallel()
	root := world{}.make(t)
	want := world{}
	var g errgroup.Group
	for i := range 24 {
		dir := fmt.Sprintf("a/%d/%d/%d", i%2, i%6, i)
		want = want.plus(project(dir))
		g.Go(func() error {
			p, err := NewPlan(Disk{}, filepath.Join(root, dir), small)
			if err != nil {
				return err
			}
			return p.Apply(t.Context(), Disk{})
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(look(t, want.make(t)), look(t, root)); diff != "" {
		t.Errorf("what is there now (-want +got):\n%s", diff)
	}
}

func TestApplySaysWhatEndedIt(t *testing.T) {
	t.Parallel()
	why := errors.New("the terminal is gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	root := world{"dir/README.md": "mine\n"}.make(t)
	before := look(t, root)
	for _, dir := range []string{"new", "dir"} {
		if err := plan(t, filepath.Join(root, dir), Overwrite).Apply(ctx, Disk{}); !errors.Is(err, why) {
			t.Errorf("%s: got %v, want %v", dir, err, why)
		}
	}
	if diff := cmp.Diff(before, look(t, root)); diff != "" {
		t.Errorf("what is there now (-before +after):\n%s", diff)
	}
}
