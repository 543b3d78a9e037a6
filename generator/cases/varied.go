package cases

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"

	"dockerflow/generator/tree"
)

// The prefixes of comment lines that are not command lines.
const (
	basePrefix = "base:"
	gonePrefix = "gone:"
)

// Link finds the base of each case that has one. It returns errors for the cases whose base is not valid.
func Link(all map[string]*Case) map[string]error {
	wrong := map[string]error{}
	for name, c := range all {
		base, ok := all[c.Base]
		switch {
		case c.Base == "":
		case !ok:
			wrong[name] = fmt.Errorf("base: there is no valid case %q: want the name of a file in the same folder, without %s", c.Base, Suffix)
		case base.Base != "":
			wrong[name] = fmt.Errorf("base: %s has a base itself: want a case without one", c.Base+Suffix)
		default:
			c.base = base.files
		}
	}
	return wrong
}

// want returns all files that the commands must write.
func (c *Case) want() tree.Tree {
	all := tree.Tree{}
	maps.Copy(all, c.base)
	for _, path := range c.gone {
		delete(all, path)
	}
	maps.Copy(all, c.files)
	return all
}

// needless returns entries of a case that do not differ from its base: a reader would take each of them for a
// difference.
func (c *Case) needless(w io.Writer) {
	if c.Base == "" {
		return
	}
	for _, path := range slices.Sorted(maps.Keys(c.files)) {
		if was, ok := c.base[path]; ok && same(was, c.files[path]) {
			fmt.Fprintf(w, "%s: listed, but equal in %s\n", path, c.Base+Suffix)
		}
	}
	for _, path := range c.gone {
		if _, ok := c.base[path]; !ok {
			fmt.Fprintf(w, "%s: gone, but not in %s\n", path, c.Base+Suffix)
		}
	}
}

// without returns the files of base that tree does not have.
func without(base, tree tree.Tree) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(base)), func(path string) bool {
		_, there := tree[path]
		return there
	})
}

func same(a, b tree.File) bool {
	return (a.Mode^b.Mode)&0o100 == 0 && bytes.Equal(a.Data, b.Data)
}
