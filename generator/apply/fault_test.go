package apply

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dockerflow/generator/merge"
	"dockerflow/generator/tree"
	"dockerflow/generator/tree/treetest"
)

// run is a run in which faults are injected.
type run struct {
	name   string
	dir    string
	have   treetest.Folder
	decide merge.Action
	want   treetest.Folder

	root             string // a folder to start with
	before, complete map[string]string
}

func runs() []*run {
	return []*run{
		{name: "a new folder", dir: "new", have: treetest.Folder{"x": "x"}, want: project("new").With(treetest.Folder{"x": "x"})},
		{name: "a new folder with its parents", dir: "a/b/new", have: treetest.Folder{"a/x": "x"}, want: project("a/b/new").With(treetest.Folder{"a/x": "x"})},
		{name: "an empty folder", dir: "dir", have: treetest.Folder{"dir/": "", "x": "x"}, want: project("dir").With(treetest.Folder{"x": "x"})},
		{
			name: "a folder with other files", dir: "dir", have: treetest.Folder{"dir/x": "x", "dir/src/a/y +x": "y"},
			want: project("dir").With(treetest.Folder{"dir/x": "x", "dir/src/a/y +x": "y"}),
		},
		{
			name: "skipping", dir: "dir", have: treetest.Folder{"dir/README.md": "mine\n", "dir/src/a/b.txt/x": "x"}, decide: merge.Skip,
			want: project("dir").With(treetest.Folder{"dir/README.md": "mine\n", "dir/src/a/b.txt": treetest.Gone, "dir/src/a/b.txt/x": "x"}),
		},
		{
			name: "overwriting", dir: "dir", decide: merge.Overwrite, want: project("dir").With(treetest.Folder{"dir/src/x": "x"}),
			have: treetest.Folder{"dir/README.md +x": "mine\n", "dir/bin/run": "#!/bin/sh\n", "dir/src/a/b.txt": "mine too\n", "dir/src/x": "x"},
		},
	}
}

// outcome is the result of a run.
type outcome struct {
	*run
	in    string // the root
	after map[string]string
	err   error
}

// try injects a fault into a run.
func (r *run) try(t *testing.T, x *fault) outcome {
	t.Helper()
	if r.root == "" {
		r.root = r.have.Make(t)
		r.before = treetest.Look(t, r.root)
	}
	if r.complete == nil {
		r.complete = treetest.Look(t, r.want.Make(t))
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	x.cancel = cancel
	o := outcome{run: r, in: r.root}
	o.err = plan(t, filepath.Join(r.root, r.dir), r.decide).Apply(ctx, faultFS{fault: x})
	o.after = treetest.Look(t, r.root)
	if !maps.Equal(r.before, o.after) {
		r.root = ""
	}
	return o
}

// written reports whether the run failed only after all files were written.
func (o outcome) written() bool {
	return o.err != nil && strings.Contains(o.err.Error(), "all files are written")
}

// leftovers removes the saved files from the folder, and returns them.
func (o outcome) leftovers() map[string]string {
	left := maps.Clone(o.after)
	maps.DeleteFunc(left, func(p, _ string) bool {
		return !strings.HasPrefix(p, ".dockerflow-") && !strings.Contains(p, "/.dockerflow-")
	})
	for p := range left {
		delete(o.after, p)
	}
	return left
}

// allOrNothing checks that a failed run changed nothing, and that a successful one is complete.
func (o outcome) allOrNothing(t *testing.T, hit string) {
	t.Helper()
	want := o.before
	if o.err == nil {
		want = o.complete
	}
	if o.written() {
		// The saved files are no longer needed and may be partly gone: the run cannot be rolled back.
		want = o.complete
		if left := o.leftovers(); len(left) == 0 || hit != "remove" {
			t.Errorf("fault at %s, left over: %v, error: %v", hit, left, o.err)
		}
	}
	if diff := cmp.Diff(want, o.after); diff != "" {
		t.Errorf("fault at %s, error %v: (-want +got)\n%s", hit, o.err, diff)
	}
}

// everywhere injects a fault at each operation in turn, until there are no more, and returns their number.
func everywhere(t *testing.T, once func(t *testing.T, at int) *fault) int {
	t.Helper()
	return every(t, 1, once)
}

// every injects a fault at each nth operation, for slow runs. GENERATOR_TEST_THOROUGH, which the full check sets,
// selects all operations.
func every(t *testing.T, n int, once func(t *testing.T, at int) *fault) int {
	t.Helper()
	if thorough() {
		n = 1
	}
	for tried := range 1000 {
		if x := once(t, 1+tried*n); x.hit == "" {
			return tried
		}
	}
	t.Fatal("no end")
	return 0
}

func thorough() bool { return os.Getenv("GENERATOR_TEST_THOROUGH") != "" }

func TestFailureAtEveryOperation(t *testing.T) {
	t.Parallel()
	for _, errno := range []syscall.Errno{syscall.ENOSPC, syscall.EACCES, syscall.EIO} {
		for _, run := range runs() {
			t.Run(run.name+", "+errno.Error(), func(t *testing.T) {
				t.Parallel()
				tried := everywhere(t, func(t *testing.T, at int) *fault {
					t.Helper()
					x := &fault{at: at, err: errno}
					o := run.try(t, x)
					o.allOrNothing(t, x.hit)
					if o.err != nil && !errors.Is(o.err, errno) {
						t.Errorf("fault at %s: got %v, want %v", x.hit, o.err, errno)
					}
					if o.err == nil && !slices.Contains([]string{"", "stat", "lstat", "close"}, x.hit) {
						t.Errorf("fault at %s: no error", x.hit)
					}
					return x
				})
				if tried < 2+3*len(small)/2 {
					t.Errorf("only %d operations were seen", tried)
				}
				t.Logf("%d operations failed", tried)
			})
		}
	}
}

func TestCancelAtEveryOperation(t *testing.T) {
	t.Parallel()
	for _, run := range runs() {
		t.Run(run.name, func(t *testing.T) {
			t.Parallel()
			cancelled := 0
			tried := everywhere(t, func(t *testing.T, at int) *fault {
				t.Helper()
				x := &fault{at: at}
				o := run.try(t, x)
				o.allOrNothing(t, x.hit)
				if o.err != nil {
					cancelled++
				}
				if x.opened > 1 {
					t.Errorf("canceled at %s: %d files were created afterwards", x.hit, x.opened)
				}
				if o.err != nil && !errors.Is(o.err, context.Canceled) {
					t.Errorf("got %v, want %v", o.err, context.Canceled)
				}
				return x
			})
			if cancelled < tried-14 { // after the last file, only the state folder is removed
				t.Errorf("%d of %d canceled runs were completed", tried-cancelled, tried)
			}
			t.Logf("canceled at %d operations", tried)
		})
	}
}

// A killed process does nothing more: no operation succeeds, and nothing is rolled back. The next run must find what
// is left and restore the old tree to the byte, unless the update was complete. For a new folder, at most the stage is
// left.
func TestKilledAtEveryOperation(t *testing.T) {
	t.Parallel()
	for _, run := range runs() {
		t.Run(run.name, func(t *testing.T) {
			t.Parallel()
			tried := everywhere(t, func(t *testing.T, at int) *fault {
				t.Helper()
				x := &fault{at: at, onward: true, err: syscall.EIO}
				o := run.try(t, x)
				dir := filepath.Join(o.in, run.dir)
				if _, err := Recover(tree.Disk{}, dir, filepath.Join(dir, tree.StateFolder)); err != nil {
					t.Fatalf("killed at %s: %v", x.hit, err)
				}
				o.after = treetest.Look(t, o.in)
				if _, ok := o.before[o.dir]; !ok {
					o.leftovers()
				}
				if !maps.Equal(o.after, o.before) && !maps.Equal(o.after, o.complete) {
					t.Errorf("killed at %s, error %v: neither (-before +after)\n%s nor (-complete +after)\n%s",
						x.hit, o.err, cmp.Diff(o.before, o.after), cmp.Diff(o.complete, o.after))
				}
				return x
			})
			t.Logf("killed at each of %d operations", tried)
		})
	}
}

// Several writers write many files at once; here, all of them must create the same folders first.
func TestManyFiles(t *testing.T) {
	t.Parallel()
	files := tree.Tree{}
	for i := range 2 * share {
		files[fmt.Sprintf("a/b/c/%03d", i)] = tree.File{Mode: 0o644, Data: []byte{byte(i)}}
	}
	root := treetest.Folder{"x": "x"}.Make(t)
	before := treetest.Look(t, root)
	apply := func(t *testing.T, dir string, x *fault) error {
		t.Helper()
		p, err := NewPlan(tree.Disk{}, filepath.Join(root, dir), files)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		x.cancel = cancel
		return p.Apply(ctx, faultFS{fault: x})
	}

	total := &fault{}
	if err := apply(t, "whole", total); err != nil {
		t.Fatal(err)
	}
	whole, err := NewPlan(tree.Disk{}, filepath.Join(root, "whole"), files)
	if err != nil {
		t.Fatal(err)
	}
	if i := slices.IndexFunc(whole.Changes, func(c Change) bool { return c.Action != merge.Identical }); i >= 0 {
		t.Errorf("%s is missing or different: %s", whole.Changes[i].Path, whole.Changes[i].Why)
	}
	if err := os.RemoveAll(filepath.Join(root, "whole")); err != nil {
		t.Fatal(err)
	}

	for _, want := range []error{syscall.ENOSPC, nil} {
		x := &fault{at: total.count / 2, err: want}
		if want == nil {
			want = context.Canceled
		}
		if err := apply(t, "new", x); !errors.Is(err, want) {
			t.Errorf("fault at %s: got %v, want %v", x.hit, err, want)
		}
		if diff := cmp.Diff(before, treetest.Look(t, root)); diff != "" {
			t.Errorf("fault at %s (-before +after):\n%s", x.hit, diff)
		}
	}
}

// A plan that failed to examine a path must not treat it as free.
func TestFailureAtEveryOperationOfAPlan(t *testing.T) {
	t.Parallel()
	root := treetest.Folder{"dir/README.md": "mine\n", "dir/bin/run +x": "#!/bin/sh\n", "dir/src/a/b.txt": "x", "dir/src/empty": "x"}.Make(t)
	before := treetest.Look(t, root)
	for _, errno := range []syscall.Errno{syscall.EACCES, syscall.EIO} {
		tried := everywhere(t, func(t *testing.T, at int) *fault {
			t.Helper()
			x := &fault{at: at, err: errno}
			p, err := NewPlan(faultFS{fault: x}, filepath.Join(root, "dir"), small)
			if err != nil && !errors.Is(err, errno) || err == nil && errno == syscall.EACCES && x.hit != "close" && x.hit != "" {
				t.Errorf("fault at %s: got %v, want %v", x.hit, err, errno)
			}
			if err == nil && slices.ContainsFunc(p.Changes, func(c Change) bool { return c.Action == merge.Create }) {
				t.Errorf("fault at %s: got %v, want nothing to be created", x.hit, p.Changes)
			}
			return x
		})
		t.Logf("%d operations failed", tried)
	}
	if diff := cmp.Diff(before, treetest.Look(t, root)); diff != "" {
		t.Errorf("it wrote (-before +after):\n%s", diff)
	}
}

// A folder that even root cannot write to.
func TestUnwritable(t *testing.T) {
	t.Parallel()
	for _, errno := range []syscall.Errno{syscall.EROFS, syscall.EACCES, syscall.EPERM, syscall.EDQUOT} {
		for _, run := range runs() {
			o := run.try(t, &fault{at: 2, onward: true, err: errno})
			if !errors.Is(o.err, errno) {
				t.Errorf("%s: got %v, want %v", run.name, o.err, errno)
			}
			if diff := cmp.Diff(o.before, o.after); diff != "" {
				t.Errorf("%s (-before +after):\n%s", run.name, diff)
			}
		}
	}
}

func TestUnwritableForUsers(t *testing.T) {
	t.Parallel()
	if os.Getuid() == 0 {
		t.Skip("root may write everywhere: TestUnwritable covers the same fault")
	}
	for _, dir := range []string{"dir", "dir/new"} {
		root := treetest.Folder{"dir/x": "x"}.Make(t)
		if err := os.Chmod(root+"/dir", 0o555); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(root+"/dir", 0o755) }) // so that TempDir can remove it
		before := treetest.Look(t, root)
		if err := plan(t, filepath.Join(root, dir), "").Apply(t.Context(), tree.Disk{}); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: got %v, want %v", dir, err, fs.ErrPermission)
		}
		if diff := cmp.Diff(before, treetest.Look(t, root)); diff != "" {
			t.Errorf("%s (-before +after):\n%s", dir, diff)
		}
	}
}
