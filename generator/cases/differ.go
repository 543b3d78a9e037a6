package cases

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"dockerflow/generator/tree"
)

// Diff returns a unified diff of what the case wants and what tree has. It also lists needless entries of a case with
// a base. It returns "" if there is no difference.
func (c *Case) Diff(tree tree.Tree) string {
	var b strings.Builder
	c.needless(&b)
	wants := c.want()
	paths := slices.Concat(slices.Collect(maps.Keys(wants)), slices.Collect(maps.Keys(tree)))
	slices.Sort(paths)
	for _, path := range slices.Compact(paths) {
		want, wanted := wants[path]
		got, there := tree[path]
		switch {
		case !there:
			fmt.Fprintf(&b, "%s: wanted, but not written\n", path)
			continue
		case !wanted:
			fmt.Fprintf(&b, "%s: written, but not wanted\n", path)
			continue
		case want.Mode&0o100 != got.Mode&0o100:
			fmt.Fprintf(&b, "%s: want mode %o, got %o\n", path, want.Mode.Perm(), got.Mode.Perm())
		}
		if bytes.Equal(want.Data, got.Data) {
			continue
		}
		b.WriteString(strings.ReplaceAll(string(unified("want/"+path, want.Data, "got/"+path, got.Data)), "\r", `\r`))
	}
	return b.String()
}

// unified returns a unified diff of two texts under these names. For binary files it only says that they differ.
func unified(from string, a []byte, to string, b []byte) []byte {
	if bytes.IndexByte(a, 0) >= 0 || bytes.IndexByte(b, 0) >= 0 {
		return fmt.Appendf(nil, "binary files %s and %s differ\n", from, to)
	}
	_, text, _ := bytes.Cut(diff.Diff(from, a, to, b), []byte("\n")) // after "diff want got"
	return text
}
