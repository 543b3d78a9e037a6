package merge

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"dockerflow/generator/budget"
	"dockerflow/generator/tree"
)

// numbered returns lines that occur with this prefix only.
func numbered(prefix string, n int) []byte {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%s %d\n", prefix, i)
	}
	return []byte(b.String())
}

// All files of a merge share one budget: a thousand files that have nothing in common with their base would take
// minutes.
func TestDiffsShareABudget(t *testing.T) {
	t.Parallel()
	const n = 3 * maxDiff
	a, b := make([]int, n), make([]int, n)
	for i := range a {
		a[i], b[i] = 2*i, 2*i+1
	}
	a[0], b[0], a[n-1], b[n-1] = -1, -1, -2, -2
	limit := budget.New(t.Context(), MergeLimits)
	for range 20 {
		if got, want := diff(limit, a, b), []hunk{{1, n - 1, 1, n - 1}}; !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
	if used := limit.Used().Steps; used < MergeLimits.Steps || used > MergeLimits.Steps+20*n {
		t.Errorf("%d steps, want all of %d and only a few more", used, MergeLimits.Steps)
	}
	same := slices.Clone(a)
	same[5], same[9] = -3, -4
	if got, want := diff(limit, a, same), []hunk{{5, 10, 5, 10}}; !slices.Equal(got, want) {
		t.Errorf("without any steps: got %v, want %v", got, want)
	}
}

func TestInterruptedMergeFails(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	tree := func(text string) tree.Tree { return tree.Tree{"a": {Mode: 0o644, Data: []byte(text)}} }
	all, err := Merge(ctx, Sides{Base: tree("a\nb\nc\n"), Ours: tree("x\nb\nc\n"), Theirs: tree("a\nb\ny\n")})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v and %v", all, err)
	}
}

// Lines take far more memory than their bytes.
func TestFilesOfManyLinesAreNotMerged(t *testing.T) {
	t.Parallel()
	ours, theirs := numbered("a", maxLines+1), numbered("b", 3)
	all := mergeAll(t, Sides{Base: tree.Tree{}, Ours: tree.Tree{"a": {Mode: 0o644, Data: ours}}, Theirs: tree.Tree{"a": {Mode: 0o644, Data: theirs}}})
	if len(all) != 1 || all[0].Action != Conflict || all[0].Beside != "a.theirs" || !strings.Contains(all[0].Why, "too many lines") {
		t.Errorf("got %s %s %q", all[0].Action, all[0].Beside, all[0].Why)
	}
}

// A file of the project can have any size.
func TestReadTreeIsBounded(t *testing.T) {
	t.Parallel()
	for name, size := range map[string][]int64{
		"one file":         {tree.MaxRead + 1},
		"all of the files": {tree.MaxRead, tree.MaxRead, 1},
	} {
		dir := t.TempDir()
		var paths []string
		for i, n := range size {
			paths = append(paths, fmt.Sprint(i))
			f, err := os.Create(filepath.Join(dir, paths[i]))
			if err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(f.Truncate(n), f.Close()); err != nil { // a sparse file takes no space on the disk
				t.Fatal(err)
			}
		}
		var limit *tree.LimitError
		if _, err := tree.ReadTree(tree.Disk{}, dir, paths); !errors.As(err, &limit) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
