package generator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dockerflow/generator/budget"
)

// numbered are lines that no other prefix has.
func numbered(prefix string, n int) []byte {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s %d\n", prefix, i)
	}
	return []byte(b.String())
}

// All files of a merge share one budget: a thousand files that have nothing in common with their base would take minutes.
func TestDiffsShareABudget(t *testing.T) {
	t.Parallel()
	const n = 3 * maxDiff
	a, b := make([]int, n), make([]int, n)
	for i := range a {
		a[i], b[i] = 2*i, 2*i+1
	}
	a[0], b[0], a[n-1], b[n-1] = -1, -1, -2, -2
	limit := budget.New(t.Context(), mergeLimits)
	for range 20 {
		if got, want := diff(limit, a, b), []hunk{{1, n - 1, 1, n - 1}}; !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
	if used := limit.Used().Steps; used < mergeLimits.Steps || used > mergeLimits.Steps+20*n {
		t.Errorf("%d steps, want all of %d and the last ones more", used, mergeLimits.Steps)
	}
	same := slices.Clone(a)
	same[5], same[9] = -3, -4
	if got, want := diff(limit, a, same), []hunk{{5, 10, 5, 10}}; !slices.Equal(got, want) {
		t.Errorf("without any steps: got %v, want %v", got, want)
	}
}

func TestInterruptedMergeIsNone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	tree := func(text string) Tree { return Tree{"a": {0o644, []byte(text)}} }
	all, err := Merge(ctx, Sides{Base: tree("a\nb\nc\n"), Ours: tree("x\nb\nc\n"), Theirs: tree("a\nb\ny\n")})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v and %v", all, err)
	}
}

// Lines cost far more memory than their bytes.
func TestFilesOfManyLinesAreNotMerged(t *testing.T) {
	t.Parallel()
	ours, theirs := numbered("a", maxLines+1), numbered("b", 3)
	all := mergeAll(t, Sides{Base: Tree{}, Ours: Tree{"a": {0o644, ours}}, Theirs: Tree{"a": {0o644, theirs}}})
	if len(all) != 1 || all[0].Action != Conflict || all[0].Beside != "a.theirs" || !strings.Contains(all[0].Why, "too many lines") {
		t.Errorf("got %s %s %q", all[0].Action, all[0].Beside, all[0].Why)
	}
}

// A file of the project's may have become any size.
func TestReadTreeIsBounded(t *testing.T) {
	t.Parallel()
	for name, size := range map[string][]int64{
		"one file":         {maxRead + 1},
		"all of the files": {maxRead, maxRead, 1},
	} {
		dir := t.TempDir()
		var paths []string
		for i, n := range size {
			paths = append(paths, fmt.Sprint(i))
			f, err := os.Create(filepath.Join(dir, paths[i]))
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(f.Truncate(n), f.Close()); err != nil { // it takes no place on the disk
				t.Fatal(err)
			}
		}
		var limit *LimitError
		if _, err := ReadTree(Disk{}, dir, paths); !errors.As(err, &limit) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// ending is a context that ends after it was asked a number of times.
type ending struct {
	context.Context
	left int
}

func (e *ending) Err() error {
	if e.left--; e.left < 0 {
		return context.Canceled
	}
	return nil
}

func TestInterruptEndsRendering(t *testing.T) {
	t.Parallel()
	svc := loadSvc(t, with(files(bare), map[string]string{"svc/files/x.tmpl": `<% range 100000 %><% true %><% end %>`}))
	ctx := &ending{t.Context(), 50}
	if tree, err := svc.RenderContext(ctx, Answers{"name": "app", "tidy": true}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %d files and %v", len(tree), err)
	}
	if ctx.left < -10 {
		t.Errorf("it went on for %d steps", -ctx.left)
	}
}

// What an interrupted look has found is not all, and its own end is no fault of the template.
func TestInterruptedLintFindsNoFaultInTheInterrupt(t *testing.T) {
	t.Parallel()
	judged := 0
	l := Lint{Judge: func(context.Context, Tree) []Broken { judged++; return nil }}
	ctx := &ending{t.Context(), 30}
	fsys, err := fs.Sub(files("-- svc/template.yaml --\nabout: x\nversion: 1\n-- svc/files/x.tmpl --\n<% range 100000 %><% true %><% end %>\n"), "svc")
	if err != nil {
		t.Fatal(err)
	}
	if found := l.Run(ctx, fsys, "svc"); len(found) > 0 || judged > 0 || ctx.left > 0 {
		t.Errorf("found %v, judged %d, and looked %d times at the context", found, judged, 30-ctx.left)
	}
}
