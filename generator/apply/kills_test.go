//go:build kills

package apply

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"dockerflow/generator/merge"
	"dockerflow/generator/tree"
	"dockerflow/generator/tree/treetest"
)

// TestKills kills the real program, and updates of a project, with SIGKILL at moments spread over their whole run.
// Directly afterwards, or after recovery, there must be either the old tree or the new one. It takes minutes, so it
// has a tag: go test -tags kills -run TestKills ./generator/apply
func TestKills(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "dockerflow")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../cmd/dockerflow").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	newIn := func(dir string) []string {
		return []string{program, "new", dir, "--template", "go", "--name", "hello", "--yes", "--no-git", "--on-conflict", "overwrite"}
	}
	for _, v := range []victim{
		{"new", newIn, nil, true},
		{"new into a folder", newIn, treetest.Folder{"README.md": "mine\n", "Dockerfile": "mine too\n", "src/x": "x"}, false},
		{"update", func(string) []string { return []string{self, "-test.run", "^TestUpdateToBeKilled$"} }, manyFiles("old", "gone", "from"), false},
	} {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			v.check(t, killsWanted(t))
		})
	}
}

// killsWanted is the number of kills for each victim. GENERATOR_TEST_KILLS overrides it.
func killsWanted(t *testing.T) int {
	t.Helper()
	text := os.Getenv("GENERATOR_TEST_KILLS")
	if text == "" {
		return 100
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("GENERATOR_TEST_KILLS=%q, want a number of kills", text)
	}
	return n
}

// updateIn names the project of the process to kill.
const updateIn = "GENERATOR_TEST_UPDATE_IN"

// TestUpdateToBeKilled is that process: it changes, removes and moves a third of the project's files each.
func TestUpdateToBeKilled(t *testing.T) {
	t.Parallel()
	dir := os.Getenv(updateIn)
	if dir == "" {
		t.Skip("TestKills runs it")
	}
	u := Transaction{Dir: dir, State: filepath.Join(dir, tree.StateFolder)}
	before, after := manyFiles("old", "gone", "from"), manyFiles("old", "come", "to")
	file := func(w treetest.Folder, name string) *tree.File {
		if data, ok := w[name]; ok {
			return &tree.File{Mode: 0o644, Data: []byte(data)}
		}
		return nil
	}
	for name := range before {
		u.Edits = append(u.Edits, merge.Edit{Path: name, Old: file(before, name), New: file(after, name)})
	}
	for name := range after {
		if file(before, name) == nil {
			u.Edits = append(u.Edits, merge.Edit{Path: name, New: file(after, name)})
		}
	}
	if err := u.Apply(t.Context(), tree.Disk{}); err != nil {
		t.Fatal(err)
	}
}

func manyFiles(folders ...string) treetest.Folder {
	w := treetest.Folder{}
	for i := range 60 {
		w[fmt.Sprintf("%s/%d/file", folders[i%3], i)] = strings.Repeat(strings.Join(folders, " ")+"\n", 100+i)
	}
	return w
}

// victim is a process to kill.
type victim struct {
	name    string
	command func(dir string) []string
	before  treetest.Folder
	fresh   bool // its folder does not exist at first
}

// make returns the folder that the victim works in.
func (v victim) make(t *testing.T) string {
	t.Helper()
	root := v.before.Make(t)
	if v.fresh {
		root = filepath.Join(root, "project")
	}
	return root
}

// look returns the contents of the folder of a run. A missing folder has none.
func (v victim) look(t *testing.T, dir string) map[string]string {
	t.Helper()
	if _, err := os.Lstat(dir); v.fresh && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return treetest.Look(t, dir)
}

func (v victim) start(t *testing.T, dir string) (cmd *exec.Cmd, said *bytes.Buffer) {
	t.Helper()
	args := v.command(dir)
	cmd, said = exec.Command(args[0], args[1:]...), &bytes.Buffer{} //nolint:noctx // it is killed, or ends
	cmd.Env = append(os.Environ(), updateIn+"="+dir)
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, said
}

// undisturbed returns the contents before and after a complete run, and the time of the fastest of several runs.
func (v victim) undisturbed(t *testing.T) (before, after map[string]string, takes time.Duration) {
	t.Helper()
	for i := range 5 {
		dir := v.make(t)
		before = v.look(t, dir)
		begin := time.Now()
		cmd, said := v.start(t, dir)
		if err := cmd.Wait(); err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
		if took := time.Since(begin); i == 0 || took < takes {
			takes = took
		}
		after = v.look(t, dir)
	}
	return before, after, takes
}

func (v victim) check(t *testing.T, times int) {
	t.Helper()
	before, after, takes := v.undisturbed(t)
	killed, recovered, complete, journals := 0, 0, 0, 0
	for range times {
		dir := v.make(t)
		took, was := v.kill(t, dir, time.Duration(rand.Int64N(int64(takes)*11/10)))
		if was {
			killed++
		} else {
			takes = min(takes, took) // the machine is less busy now
		}
		found, err := Recover(tree.Disk{}, dir, filepath.Join(dir, tree.StateFolder))
		if err != nil {
			t.Fatal("recover:", err)
		}
		if found.Phase != None {
			journals++
		}
		switch got := v.look(t, dir); {
		case maps.Equal(got, before):
			recovered++
		case maps.Equal(got, after):
			complete++
		default:
			t.Fatalf("there is neither the old tree nor the new one: %d paths, old %d, new %d", len(got), len(before), len(after))
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d of %d runs of %v killed, %d left something to recover; then %d times the old tree, %d times the new one",
		killed, times, takes.Round(time.Millisecond), journals, recovered, complete)
	if killed < times/3 || recovered == 0 || !v.fresh && journals == 0 {
		t.Error("too few of them were killed while they ran")
	}
}

// kill kills a run after a delay. It returns the time that the run took, and whether it was still running.
func (v victim) kill(t *testing.T, dir string, after time.Duration) (took time.Duration, was bool) {
	t.Helper()
	begin := time.Now()
	cmd, said := v.start(t, dir)
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	err := cmd.Wait()
	if cmd.ProcessState.ExitCode() == -1 {
		return 0, true
	}
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return time.Since(begin), false
}
