package cmd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dockerflow/cmd/output"
	"dockerflow/generator/failure"
	"dockerflow/generator/git"
	"dockerflow/generator/phrase"
	"dockerflow/generator/tree"
)

// manyRows returns n rows in a folder, each with its own name.
func manyRows(dir string, n int) string {
	var b strings.Builder
	for i := range n {
		template := []string{"go", "node"}[i%2]
		fmt.Fprintf(&b, "{\"template\": %q, \"dir\": %q, \"owner\": \"team-%d\"}\n", template, filepath.ToSlash(filepath.Join(dir, fmt.Sprintf("svc-%d", i))), i)
	}
	return b.String()
}

// Concurrent rows share the template, and each has its own answers. This also serves -race.
func TestBatchOfMany(t *testing.T) {
	t.Parallel()
	const n = 60
	s := newRig(manyRows("out", n))
	s.run(t, 0, "new --batch -")
	var want strings.Builder
	for i := range n {
		fmt.Fprintf(&want, "out/svc-%d: %s written\n", i, phrase.Count(6-i%2, "file"))
	}
	if diff := cmp.Diff(want.String(), s.out.String()); diff != "" {
		t.Error(diff)
	}
	for _, i := range []int{0, 1, 17, n - 1} {
		alone := newRig("")
		alone.run(t, 0, fmt.Sprintf("new out/svc-%d --template %s --owner team-%d --yes", i, []string{"go", "node"}[i%2], i))
		dir := fmt.Sprintf("out/svc-%d", i)
		if diff := cmp.Diff(alone.files(t, dir), s.files(t, dir)); diff != "" {
			t.Errorf("%s differs from what new generates:\n%s", dir, diff)
		}
	}
}

// ending is a disk that interrupts the run when it creates the nth staging folder.
type ending struct {
	tree.Disk
	*countdown
}

type countdown struct {
	sync.Mutex
	left int
	end  func()
}

func (e ending) Within(dir string) (tree.Dir, error) {
	inner, err := e.Disk.Within(dir)
	return endingDir{inner, e.countdown}, err
}

type endingDir struct {
	tree.Dir
	*countdown
}

func (d endingDir) Mkdir(name string, perm fs.FileMode) error {
	if strings.HasPrefix(name, ".dockerflow-") {
		d.Lock()
		if d.left--; d.left == 0 {
			d.end()
		}
		d.Unlock()
	}
	return d.Dir.Mkdir(name, perm)
}

// An interrupt lets running rows finish or roll back, and starts no others. The report names each.
func TestBatchInterrupted(t *testing.T) {
	t.Parallel()
	for _, asJSON := range []bool{false, true} {
		const n = 50
		dir := t.TempDir()
		s := newRig(manyRows(dir, n))
		ctx, cancel := context.WithCancel(t.Context())
		s.FS = ending{tree.Disk{}, &countdown{left: 10, end: cancel}}
		s.Git = func(ctx context.Context, _ git.Command) (string, error) { return "", ctx.Err() }
		args := []string{"new", "--batch", "-", "--allow-outside"}
		if asJSON {
			args = append(args, "--json")
		}
		if code := Run(ctx, args, s.Env); code != failure.Interrupted {
			t.Fatalf("exit %d: %s", code, s.err.String())
		}
		there, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		if len(there) < 5 || len(there) >= n {
			t.Fatalf("%d of %d exist: the run was not interrupted", len(there), n)
		}
		reported := map[string]bool{}
		for _, e := range there {
			if got := len(s.files(t, filepath.Join(dir, e.Name()))); got < 5 {
				t.Errorf("%s has %d files", e.Name(), got)
			}
			reported[e.Name()] = true
		}
		if diff := cmp.Diff(reported, doneRows(t, s.out.String(), asJSON, n)); diff != "" {
			t.Errorf("the existing folders differ from the report:\n%s", diff)
		}
		if back := strings.Count(s.err.String(), " is unchanged\n"); back > runtime.GOMAXPROCS(0) {
			t.Errorf("%d rows started after the interrupt, or are reported so", back)
		}
		if want := fmt.Sprintf("dockerflow: error: interrupted: %d of %d rows done\n", len(there), n); !strings.HasSuffix(s.err.String(), want) {
			t.Errorf("got %s, want %s", s.err.String(), want)
		}
	}
}

// A row whose files are written also gets its repository before the run ends.
func TestBatchInterruptedWhileGitWorks(t *testing.T) {
	t.Parallel()
	s := newRig(manyRows(t.TempDir(), 50))
	s.FS = tree.Disk{}
	run, cancel := context.WithCancel(t.Context())
	s.Git = func(ctx context.Context, _ git.Command) (string, error) {
		cancel()
		return "", ctx.Err()
	}
	if code := Run(run, []string{"new", "--batch", "-", "--allow-outside"}, s.Env); code != failure.Interrupted {
		t.Fatalf("exit %d: %s", code, s.err.String())
	}
	if strings.Contains(s.err.String(), "canceled") || s.out.Len() == 0 {
		t.Errorf("got %s%s", s.out.String(), s.err.String())
	}
}

func doneRows(t *testing.T, out string, asJSON bool, n int) map[string]bool {
	t.Helper()
	done := map[string]bool{}
	if !asJSON {
		for line := range strings.Lines(out) {
			dir, _, _ := strings.Cut(line, ": ")
			done[filepath.Base(dir)] = true
		}
		return done
	}
	var rows []struct {
		Row        int
		Dir, Error string
	}
	if err := json.Unmarshal([]byte(out), &rows); err != nil || len(rows) != n {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	for i, r := range rows {
		if r.Row != i+1 {
			t.Errorf("row %d comes as number %d", r.Row, i+1)
		}
		if r.Error == "" {
			done[filepath.Base(r.Dir)] = true
		}
	}
	return done
}

// A pipe may never get a writer: an interrupt ends the wait.
func TestBatchInterruptedBeforeItsRows(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	defer r.Close()
	s := newRig("")
	s.In = r
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(10*time.Millisecond, cancel)
	if code := Run(ctx, []string{"new", "--batch", "-", "--allow-outside"}, s.Env); code != failure.Interrupted {
		t.Errorf("exit %d: %s", code, s.err.String())
	}
}

// fullDisk is a disk that has no space for one project.
type fullDisk struct{ tree.FS }

func (d fullDisk) Within(dir string) (tree.Dir, error) {
	inner, err := d.FS.Within(dir)
	return fullDir{inner}, err
}

type fullDir struct{ tree.Dir }

func (d fullDir) Rename(from, to string) error {
	if strings.HasSuffix(to, "svc-2") {
		return errors.New("no space left on device")
	}
	return d.Dir.Rename(from, to)
}

// A row whose folder cannot be written leaves no files, and the other rows succeed.
func TestBatchWithAFullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := newRig(manyRows(dir, 5))
	s.FS = fullDisk{tree.Disk{}}
	s.run(t, 2, "new --batch - --allow-outside")
	want := fmt.Sprintf("dockerflow: error: -:3:1: write %s: no space left on device\ndockerflow: error: 1 of 5 rows failed\n", filepath.Join(dir, "svc-2"))
	if diff := cmp.Diff(want, s.err.String()); diff != "" {
		t.Error(diff)
	}
	there, err := os.ReadDir(dir)
	if err != nil || len(there) != 4 {
		t.Errorf("got %v, %v, want all but one", there, err)
	}
}

// brokenPipe is a writer that fails after some bytes.
type brokenPipe struct{ left int }

func (b *brokenPipe) Write(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errors.New("broken pipe")
	}
	return len(p), nil
}

// A report that cannot be written is an error, but the services are generated.
func TestBatchWhoseReportFails(t *testing.T) {
	t.Parallel()
	s := newRig(manyRows("out", 5) + "{}\n")
	s.Out = output.New(&brokenPipe{60}, nil)
	s.run(t, 2, "new --batch -")
	for _, want := range []string{"error: -:6:1: missing: template\n", "error: standard output: broken pipe\n"} {
		if !strings.Contains(s.err.String(), want) {
			t.Errorf("got %s, want %s", s.err.String(), want)
		}
	}
	if got := len(s.files(t, "out")); got != 28 {
		t.Errorf("%d files are there, want 28", got)
	}
}

// A flow list is parsed as a whole. It may have tens of thousands of rows, but its size is limited to bound memory.
func TestManyRowsInBrackets(t *testing.T) {
	t.Parallel()
	const row = `{"template": "go", "name": "x", "port": 1}`
	rows, err := readRows([]byte("[" + row + strings.Repeat(","+row, 29_999) + "]"))
	if len(rows) != 30_000 || err != nil {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	if _, err := readRows([]byte("[" + strings.Repeat("a,", 300_000) + "a]")); err == nil || !strings.Contains(err.Error(), "want at most 500000 keys and values") {
		t.Errorf("got %v", err)
	}
}
