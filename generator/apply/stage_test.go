package apply

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"dockerflow/generator/tree"
	"dockerflow/generator/tree/treetest"
)

// A stage stays while its writer runs; an abandoned one is removed, and nothing else is.
func TestSweepRemovesWhatWasLeftBehind(t *testing.T) {
	t.Parallel()
	root := treetest.Folder{
		".dockerflow-AAAAAAAAAA/x/y": "left", ".dockerflow-BBBBBBBBBB/z": "left too", ".dockerflow-CCCCCCCCCC": "a file",
		".dockerflow-DDDDDDDDDD@": "mine", ".dockerflow-cache/x": "mine", ".dockerflow-AAAAAAAAAAA/x": "mine", "mine/x": "mine",
	}.Make(t)
	dir, err := tree.Disk{}.Within(root)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	alive, lock, err := makeStage(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := &Sweeper{FS: tree.Disk{}}
	removed, err := s.Sweep(filepath.Join(root, "a/b/new"))
	slices.Sort(removed)
	want := []string{filepath.Join(root, ".dockerflow-AAAAAAAAAA"), filepath.Join(root, ".dockerflow-BBBBBBBBBB")}
	if err != nil || !slices.Equal(removed, want) {
		t.Fatalf("removed %v, %v; want %v", removed, err, want)
	}
	for _, name := range []string{alive, ".dockerflow-CCCCCCCCCC", ".dockerflow-DDDDDDDDDD", ".dockerflow-cache/x", ".dockerflow-AAAAAAAAAAA/x", "mine/x"} {
		if _, err := os.Lstat(filepath.Join(root, name)); err != nil {
			t.Error(err)
		}
	}
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if removed, err := s.Sweep(filepath.Join(root, "other")); len(removed) > 0 || err != nil {
		t.Errorf("a folder is searched twice: %v, %v", removed, err)
	}
	if removed, err := (&Sweeper{FS: tree.Disk{}}).Sweep(filepath.Join(root, "new")); len(removed) != 1 || err != nil {
		t.Errorf("removed %v, %v; want %s", removed, err, alive)
	}
}

// If a run removes a new stage because it looked abandoned, the writer of that stage creates another one.
func TestAStageThatIsSweptIsMadeAgain(t *testing.T) {
	t.Parallel()
	dir, err := tree.Disk{}.Within(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	if _, err := lockStage(dir, "gone"); err != errSwept { //nolint:errorlint // it is not wrapped
		t.Errorf("a stage that was removed: %v", err)
	}
	if err := dir.Mkdir("busy", 0o755); err != nil {
		t.Fatal(err)
	}
	sweeping, err := lockStage(dir, "busy")
	if err != nil {
		t.Fatal(err)
	}
	defer sweeping.Close()
	if _, err := lockStage(dir, "busy"); err != errSwept { //nolint:errorlint // it is not wrapped
		t.Errorf("a stage that is locked: %v", err)
	}
}
