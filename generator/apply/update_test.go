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
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dockerflow/generator/merge"
	"dockerflow/generator/tree"
	"dockerflow/generator/tree/treetest"
)

// change is an update with changes of every kind: files and folders are created, removed, moved and replaced, modes
// change, a file becomes a folder and a folder becomes a file.
var change = struct{ before, after treetest.Folder }{
	treetest.Folder{
		"same": "s", "take": "old\n", "chmod": "#!\n", "unchmod +x": "x\n", "go/deep/gone": "g\n", "go/deeper/gone": "g\n", "stay/gone": "g\n", "stay/user": "u\n",
		"from/moved": "m\n", "file": "f\n", "folder/in it": "i\n", "empty/": "",
	},
	treetest.Folder{
		"same": "s", "take": "new\nand more\n", "chmod +x": "#!\n", "unchmod": "x\n", "stay/user": "u\n",
		"to/a/moved": "m\n", "file/in it": "f\n", "folder": "i\n", "empty/": "", "come": "", "empty/come": "c\n",
	},
}

// edits returns the edits that lead from one tree to another.
func edits(before, after treetest.Folder) (all []merge.Edit) {
	files := func(w treetest.Folder) tree.Tree {
		files := tree.Tree{}
		for name, data := range w {
			name, executable := strings.CutSuffix(name, " +x")
			f := tree.File{Mode: 0o644, Data: []byte(data)}
			if executable {
				f.Mode = 0o755
			}
			if !strings.HasSuffix(name, "/") {
				files[name] = f
			}
		}
		return files
	}
	old, now := files(before), files(after)
	for p, f := range old {
		if next := merge.At(now, p); !merge.Equal(&f, next) {
			all = append(all, merge.Edit{Path: p, Old: &f, New: next})
		}
	}
	for p, f := range now {
		if _, had := old[p]; !had {
			all = append(all, merge.Edit{Path: p, New: &f})
		}
	}
	return all
}

// updating is an update in which faults are injected.
type updating struct {
	t             *testing.T
	root          string
	before, after map[string]string
	Transaction
}

var changedOnce sync.Once
var changedTo map[string]string

func changed(t *testing.T) map[string]string {
	t.Helper()
	changedOnce.Do(func() { changedTo = treetest.Look(t, change.after.Make(t)) })
	return changedTo
}

func newUpdating(t *testing.T, keep bool) *updating {
	t.Helper()
	u := &updating{t: t, root: change.before.Make(t)}
	u.before, u.after = treetest.Look(t, u.root), changed(t)
	u.Transaction = Transaction{
		Dir: u.root, State: filepath.Join(t.TempDir(), "state"), Edits: edits(change.before, change.after), Keep: keep,
		Notes: map[string][]byte{"note": {0, 255}},
	}
	return u
}

// is checks the contents of the project, and whether there is a state folder.
func (u *updating) is(want map[string]string, state bool, when string) {
	u.t.Helper()
	if diff := cmp.Diff(want, treetest.Look(u.t, u.root)); diff != "" {
		u.t.Errorf("%s (-want +got):\n%s", when, diff)
	}
	if _, err := os.Lstat(u.State); state != (err == nil) {
		u.t.Errorf("%s: the state folder: got %v, want %v", when, err, state)
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	u := newUpdating(t, false)
	if err := u.Apply(t.Context(), tree.Disk{}); err != nil {
		t.Fatal(err)
	}
	u.is(u.after, false, "updated")
}

func TestUpdateThatIsKept(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"abort", "finish"} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			u := newUpdating(t, true)
			if err := u.Apply(t.Context(), tree.Disk{}); err != nil {
				t.Fatal(err)
			}
			u.is(u.after, true, "updated")
			if err := u.Apply(t.Context(), tree.Disk{}); !errors.Is(err, ErrPending) {
				t.Errorf("a second one: got %v, want %v", err, ErrPending)
			}
			for name, what := range map[string]func() (Recovery, error){
				"look":    func() (Recovery, error) { return Inspect(tree.Disk{}, u.State) },
				"recover": func() (Recovery, error) { return Recover(tree.Disk{}, u.Dir, u.State) },
			} {
				r, err := what()
				if err != nil || r.Phase != Applied || string(r.Notes["note"]) != "\x00\xff" {
					t.Errorf("%s: got %+v, %v", name, r, err)
				}
			}
			u.is(u.after, true, "looked at")
			if end == "finish" {
				if err := Finish(tree.Disk{}, u.Dir, u.State); err != nil {
					t.Fatal(err)
				}
				u.is(u.after, false, "finished")
				return
			}
			if r, err := Abort(tree.Disk{}, u.Dir, u.State); err != nil || len(r.Left)+len(r.Kept) > 0 {
				t.Fatalf("got %+v, %v", r, err)
			}
			u.is(u.before, false, "aborted")
		})
	}
}

func TestNothingToRecover(t *testing.T) {
	t.Parallel()
	root := treetest.Folder{"x": "x"}.Make(t)
	for _, dir := range []string{"", "nowhere", "x", "x/y"} {
		dir = filepath.Join(root, dir)
		state := filepath.Join(dir, tree.StateFolder)
		for name, what := range map[string]func() (Recovery, error){
			"look":    func() (Recovery, error) { return Inspect(tree.Disk{}, state) },
			"recover": func() (Recovery, error) { return Recover(tree.Disk{}, dir, state) },
			"abort":   func() (Recovery, error) { return Abort(tree.Disk{}, dir, state) },
		} {
			if r, err := what(); err != nil || r.Phase != None {
				t.Errorf("%s in %s: got %+v, %v", name, dir, r, err)
			}
		}
	}
}

// What the user writes after the update survives an abort.
func TestAbortLosesNothing(t *testing.T) {
	t.Parallel()
	u := newUpdating(t, true)
	if err := u.Apply(t.Context(), tree.Disk{}); err != nil {
		t.Fatal(err)
	}
	write := func(name, data string) {
		if err := os.WriteFile(filepath.Join(u.root, name), []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("take", "solved\n")         // it was changed by the update
	write("come", "mine\n")           // it was created by the update
	write("to/a/other", "mine too\n") // it is in a folder that the update created
	if err := os.Remove(filepath.Join(u.root, "chmod")); err != nil {
		t.Fatal(err)
	}
	r, err := Abort(tree.Disk{}, u.Dir, u.State)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(r.Left, []string{"come"}) || len(r.Kept) != 1 {
		t.Errorf("got %+v, want come to be left, and take to be kept", r)
	}
	want := maps.Clone(u.before)
	maps.Copy(want, map[string]string{"come": "-rw-r--r-- mine\n", "to": "drwxr-xr-x ", "to/a": "drwxr-xr-x ", "to/a/other": "-rw-r--r-- mine too\n"})
	u.is(want, false, "aborted")
	if data, err := os.ReadFile(filepath.Join(filepath.Dir(u.State), r.Kept["take"])); err != nil || string(data) != "solved\n" {
		t.Errorf("saved version of take: got %q, %v", data, err)
	}
}

func TestUpdateTakesModesAsTheyAre(t *testing.T) {
	t.Parallel()
	u := newUpdating(t, true)
	for name, mode := range map[string]fs.FileMode{"take": 0o600, "go/deep": 0o700, "go/deep/gone": 0o440} {
		if err := os.Chmod(filepath.Join(u.root, name), mode); err != nil {
			t.Fatal(err)
		}
		for _, e := range u.Edits {
			if e.Path == name {
				e.Old.Mode = mode
				if e.New != nil {
					e.New.Mode = mode
				}
			}
		}
	}
	u.before = treetest.Look(t, u.root)
	if err := u.Apply(t.Context(), tree.Disk{}); err != nil {
		t.Fatal(err)
	}
	if got := treetest.Look(t, u.root)["take"]; !strings.HasPrefix(got, "-rw-------") {
		t.Errorf("got %s, want its mode as it was", got)
	}
	if _, err := Abort(tree.Disk{}, u.Dir, u.State); err != nil {
		t.Fatal(err)
	}
	u.is(u.before, false, "aborted")
}

func TestUpdateFailureAtEveryOperation(t *testing.T) {
	t.Parallel()
	for _, errno := range []syscall.Errno{syscall.ENOSPC, syscall.EACCES, syscall.EIO} {
		t.Run(errno.Error(), func(t *testing.T) {
			t.Parallel()
			var u *updating
			n := 1
			if errno != syscall.ENOSPC {
				n = 3
			}
			tried := every(t, n, func(t *testing.T, at int) *fault {
				t.Helper()
				if u == nil {
					u = newUpdating(t, false)
				}
				x := &fault{at: at, err: errno}
				err := u.Apply(t.Context(), faultFS{fault: x})
				switch {
				case err == nil:
					u.is(u.after, false, "fault at "+x.hit)
					u = nil
				case strings.Contains(err.Error(), "all files are written"):
					u.is(u.after, true, "fault at "+x.hit)
					if _, err := Recover(tree.Disk{}, u.Dir, u.State); err != nil {
						t.Error(err)
					}
					u.is(u.after, false, "recovered from fault at "+x.hit)
					u = nil
				default:
					if !errors.Is(err, errno) {
						t.Errorf("fault at %s: got %v, want %v", x.hit, err, errno)
					}
					u.is(u.before, false, "fault at "+x.hit+": "+err.Error())
				}
				return x
			})
			t.Logf("%d operations failed", tried)
		})
	}
}

// kill runs an update that is killed at an operation, and returns the operation.
func (u *updating) kill(at int, what func(tree.FS) error) *fault {
	x := &fault{at: at, onward: true, err: syscall.EIO}
	_ = what(faultFS{fault: x})
	return x
}

// oldOrNew checks that the tree is the one before or the one after the update.
func (u *updating) oldOrNew(when string) (isNew bool) {
	u.t.Helper()
	got := treetest.Look(u.t, u.root)
	if isNew = maps.Equal(got, u.after); !isNew {
		u.is(u.before, false, when)
	}
	if _, err := os.Lstat(u.State); err == nil {
		u.t.Errorf("%s: the state folder is left over", when)
	}
	return isNew
}

func TestUpdateKilledAtEveryOperation(t *testing.T) {
	t.Parallel()
	old, complete := 0, 0
	everywhere(t, func(t *testing.T, at int) *fault {
		t.Helper()
		u := newUpdating(t, false)
		x := u.kill(at, func(fsys tree.FS) error { return u.Apply(t.Context(), fsys) })
		if _, err := Recover(tree.Disk{}, u.Dir, u.State); err != nil {
			t.Fatalf("killed at %s: %v", x.hit, err)
		}
		if u.oldOrNew("killed at " + x.hit) {
			complete++
		} else {
			old++
		}
		return x
	})
	t.Logf("killed at each of %d operations: %d times the old tree, %d times the new one", old+complete-1, old, complete)
}

// Recovery and abort can be killed, too, at each of their operations.
func TestRecoveryKilledAtEveryOperation(t *testing.T) {
	t.Parallel()
	tried := 0
	at := []int{150, 0} // 0 means that the update was complete, and is aborted
	if thorough() {
		at = []int{20, 60, 90, 120, 150, 180, 210, 230, 0}
	}
	for _, first := range at {
		tried += every(t, 3, func(t *testing.T, at int) *fault {
			t.Helper()
			u := newUpdating(t, first == 0)
			u.kill(first, func(fsys tree.FS) error { return u.Apply(t.Context(), fsys) })
			again := Recover
			if first == 0 {
				again = Abort
			}
			x := u.kill(at, func(fsys tree.FS) error { _, err := again(fsys, u.Dir, u.State); return err })
			if _, err := again(tree.Disk{}, u.Dir, u.State); err != nil {
				t.Fatalf("killed at operation %d, and at %s of the recovery: %v", first, x.hit, err)
			}
			when := fmt.Sprintf("killed at operation %d, and at %s of the recovery", first, x.hit)
			if u.oldOrNew(when) && first == 0 {
				t.Errorf("%s: it was not rolled back", when)
			}
			return x
		})
	}
	t.Logf("%d recoveries were killed", tried)
}

// What the user does between the kill and the recovery is not lost.
func TestNoByteIsLostBetweenKillAndRecovery(t *testing.T) {
	t.Parallel()
	every(t, 5, func(t *testing.T, at int) *fault {
		t.Helper()
		u := newUpdating(t, false)
		x := u.kill(at, func(fsys tree.FS) error { return u.Apply(t.Context(), fsys) })
		for _, name := range []string{"take", "come", "stay/user", "from/moved", "to/a/moved"} {
			name = filepath.Join(u.root, name)
			if _, err := os.Lstat(name); err == nil {
				if err := os.WriteFile(name, []byte("mine: "+name), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
		mine := 0
		for _, is := range treetest.Look(t, u.root) {
			if strings.Contains(is, " mine: ") {
				mine++
			}
		}
		r, err := Recover(tree.Disk{}, u.Dir, u.State)
		if err != nil {
			t.Fatalf("killed at %s: %v", x.hit, err)
		}
		for _, where := range []string{u.root, filepath.Dir(u.State)} {
			for _, is := range treetest.Look(t, where) {
				if strings.Contains(is, " mine: ") {
					mine--
				}
			}
		}
		if mine != 0 {
			t.Errorf("killed at %s: %d files are lost; %+v", x.hit, mine, r)
		}
		return x
	})
}

func TestUpdateRefuses(t *testing.T) {
	t.Parallel()
	f := &tree.File{Mode: 0o644, Data: []byte("f")}
	tests := []struct {
		name  string
		edits []merge.Edit
		want  string
	}{
		{"a path outside the project", []merge.Edit{{Path: "../x", New: f}}, "want a relative UTF-8 path"},
		{"an absolute path", []merge.Edit{{Path: "/x", New: f}}, "want a relative UTF-8 path"},
		{"a path in .git", []merge.Edit{{Path: ".git/hooks/x", New: f}}, "want nothing inside .git"},
		{"a file that makes a repository", []merge.Edit{{Path: "a/HEAD", New: f}}, "want no file HEAD"},
		{"a path twice", []merge.Edit{{Path: "x", New: f}, {Path: "x", New: f}}, "the update changes it twice"},
		{"a file that is there", []merge.Edit{{Path: "take", New: f}}, "take was changed in the meantime"},
		{"a file that is not there", []merge.Edit{{Path: "y", Old: f}}, "y was changed in the meantime"},
		{"a file with other content", []merge.Edit{{Path: "take", Old: f}}, "take was changed in the meantime"},
		{"a file of the same size", []merge.Edit{{Path: "take", Old: &tree.File{Mode: 0o644, Data: []byte("OLD\n")}, New: f}}, "take was changed in the meantime"},
		{"a removed file of the same size", []merge.Edit{{Path: "take", Old: &tree.File{Mode: 0o644, Data: []byte("OLD\n")}}}, "take was changed in the meantime"},
		{"a folder", []merge.Edit{{Path: "go", Old: f}}, "go was changed in the meantime"},
		{"a folder that does not go", []merge.Edit{{Path: "go", New: f}}, "file exists"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			u := newUpdating(t, false)
			u.Edits = append(slices.Clone(tt.edits), merge.Edit{Path: "a", New: f})
			if err := u.Apply(t.Context(), tree.Disk{}); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			u.is(u.before, false, "refused")
		})
	}
}

func TestUpdateThatIsCancelled(t *testing.T) {
	t.Parallel()
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	u := newUpdating(t, false)
	if err := u.Apply(ctx, tree.Disk{}); !errors.Is(err, why) {
		t.Errorf("got %v, want %v", err, why)
	}
	u.is(u.before, false, "cancelled")
}

// Other files in a state folder must not be removed with it.
func TestAStateFolderWithOtherFilesStays(t *testing.T) {
	t.Parallel()
	root := treetest.Folder{"project/" + tree.StateFolder + "/mine": "m"}.Make(t)
	if _, err := Recover(tree.Disk{}, root+"/project", root+"/project/"+tree.StateFolder); err == nil {
		t.Error("no error")
	}
	if _, err := os.Stat(root + "/project/" + tree.StateFolder + "/mine"); err != nil {
		t.Error(err)
	}
}
