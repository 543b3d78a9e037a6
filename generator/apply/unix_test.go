//go:build unix

package apply

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dockerflow/generator/merge"
	"dockerflow/generator/tree"
	"dockerflow/generator/tree/treetest"
)

// Opening a named pipe would block until its other end is opened.
func TestPlanOpensNoPipe(t *testing.T) {
	t.Parallel()
	root := treetest.Folder{"file": "x"}.Make(t)
	for _, name := range []string{"README.md", "src"} {
		if err := syscall.Mkfifo(filepath.Join(root, name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p := plan(t, root, merge.Overwrite)
	got := map[string]string{}
	for _, c := range p.Conflicts() {
		got[c.Path] = c.Why
	}
	want := map[string]string{
		"README.md":   "is not a regular file",
		"src/a/b.txt": "its parent folder cannot be used",
		"src/empty":   "its parent folder cannot be used",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("conflicts (-want +got):\n%s", diff)
	}
	for _, dir := range []string{"README.md", "README.md/new"} {
		if p, err := NewPlan(tree.Disk{}, filepath.Join(root, dir), small); err == nil {
			t.Errorf("%s: got %v, want an error", dir, p)
		}
	}
}

// The umask belongs to the process, so each case runs in its own process, which is this test again.
func TestPermissionsFollowTheUmask(t *testing.T) {
	t.Parallel()
	const forDir, forMask = "GENERATOR_TEST_DIR", "GENERATOR_TEST_UMASK"
	if dir := os.Getenv(forDir); dir != "" {
		mask, err := strconv.ParseUint(os.Getenv(forMask), 8, 9)
		if err != nil {
			t.Fatal(err)
		}
		syscall.Umask(int(mask))
		for _, sub := range []string{"new/sub", "dir"} {
			if err := plan(t, filepath.Join(dir, sub), merge.Overwrite).Apply(t.Context(), tree.Disk{}); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, mask := range []fs.FileMode{0, 0o022, 0o027, 0o077} {
		t.Run(fmt.Sprintf("%04o", mask), func(t *testing.T) {
			t.Parallel()
			root := treetest.Folder{"dir/README.md": "mine\n"}.Make(t)
			cmd := exec.CommandContext(t.Context(), self, "-test.run=^TestPermissionsFollowTheUmask$")
			cmd.Env = append(os.Environ(), forDir+"="+root, fmt.Sprintf("%s=%o", forMask, mask))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			want := map[string]fs.FileMode{"new": fs.ModeDir | 0o755&^mask, "new/sub": fs.ModeDir | 0o755&^mask}
			for _, dir := range []string{"new/sub/", "dir/"} {
				for _, folder := range []string{"bin", "src", "src/a"} {
					want[dir+folder] = fs.ModeDir | 0o755&^mask
				}
				for name, f := range small {
					want[dir+name] = f.Mode &^ mask
				}
			}
			got := map[string]fs.FileMode{}
			for name := range want {
				info, err := os.Lstat(filepath.Join(root, name))
				if err != nil {
					t.Fatal(err)
				}
				got[name] = info.Mode()
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("modes (-want +got):\n%s", diff)
			}
		})
	}
}

// While a process runs, another one must not roll back its changes.
func TestRecoveryWaitsForNobodyAndDisturbsNobody(t *testing.T) {
	t.Parallel()
	u := newUpdating(t, true)
	if err := u.Apply(t.Context(), tree.Disk{}); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(u.State, lockFile), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := tree.TryLock(f); !ok || err != nil {
		t.Fatalf("got %v, %v", ok, err)
	}
	for _, what := range []func(fsys tree.FS, dir, state string) (Recovery, error){Recover, Abort} {
		if _, err := what(tree.Disk{}, u.Dir, u.State); !errors.Is(err, ErrBusy) {
			t.Errorf("got %v, want %v", err, ErrBusy)
		}
	}
	u.is(u.after, true, "locked")
	tree.Unlock(f)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Abort(tree.Disk{}, u.Dir, u.State); err != nil {
		t.Error(err)
	}
	u.is(u.before, false, "aborted")
}
