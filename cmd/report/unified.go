package report

import (
	"bytes"
	"fmt"
	"io"

	"github.com/rogpeppe/go-internal/diff"

	"dockerflow/generator/tree"
)

// unified writes the change of a file in git's format, which git apply accepts.
func unified(w io.Writer, path string, before, after *tree.File) {
	from, to := "a/"+path, "b/"+path
	fmt.Fprintf(w, "diff --git %s %s\n", from, to)
	var a, b []byte
	switch {
	case before == nil:
		fmt.Fprintf(w, "new file mode %s\n", tree.GitMode(after.Mode))
		from, b = "/dev/null", after.Data
	case after == nil:
		fmt.Fprintf(w, "deleted file mode %s\n", tree.GitMode(before.Mode))
		to, a = "/dev/null", before.Data
	default:
		a, b = before.Data, after.Data
		if x, y := tree.GitMode(before.Mode), tree.GitMode(after.Mode); x != y {
			fmt.Fprintf(w, "old mode %s\nnew mode %s\n", x, y)
		}
	}
	switch {
	case bytes.Equal(a, b):
	case len(a)+len(b) > maxShown:
		fmt.Fprintf(w, "Files %s and %s differ, but are too large to show\n", from, to)
	case bytes.IndexByte(a, 0) >= 0 || bytes.IndexByte(b, 0) >= 0:
		fmt.Fprintf(w, "Binary files %s and %s differ\n", from, to)
	default:
		fmt.Fprintf(w, "--- %s\n+++ %s\n%s", from, to, hunks(a, b))
	}
}

// maxShown limits the total size of both sides of a diff, in bytes. Each line needs another fifty bytes of memory.
const maxShown = 4 << 20

// hunks returns a unified diff without its three header lines.
func hunks(a, b []byte) []byte {
	text := diff.Diff("a", a, "b", b)
	for range 3 {
		_, text, _ = bytes.Cut(text, []byte("\n"))
	}
	return text
}
