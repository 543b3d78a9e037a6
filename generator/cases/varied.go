package cases

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"

	"dockerflow/generator/tree"
)

// Lines of a comment that start with these are no command lines.
const (
	basePrefix = "base:"
	gonePrefix = "gone:"
)

// Link finds the base of each case that varies another one. It returns the cases that have none, and why.
func Link(all map[string]*Case) map[string]error {
	wrong := map[string]error{}
	for name, c := range all {
		base, ok := all[c.Base]
		switch {
		case c.Base == "":
		case !ok:
			wrong[name] = fmt.Errorf("base: there is no case %q that can be read: want the name of a file beside this one, without %s", c.Base, Suffix)
		case base.Base != "":
			wrong[name] = fmt.Errorf("base: %s varies a case itself: want a whole case", c.Base+Suffix)
		default:
			c.base = base.files
		}
	}
	return wrong
}

// want is all that the commands are to write.
func (c *Case) want() tree.Tree {
	all := tree.Tree{}
	maps.Copy(all, c.base)
	for _, path := range c.gone {
		delete(all, path)
	}
	maps.Copy(all, c.files)
	return all
}

// needless writes what a case says of its base without need: a reader takes each line for a difference.
func (c *Case) needless(w io.Writer) {
	if c.Base == "" {
		return
	}
	for _, path := range slices.Sorted(maps.Keys(c.files)) {
		if was, ok := c.base[path]; ok && same(was, c.files[path]) {
			fmt.Fprintf(w, "%s: listed, and the same in %s\n", path, c.Base+Suffix)
		}
	}
	for _, path := range c.gone {
		if _, ok := c.base[path]; !ok {
			fmt.Fprintf(w, "%s: gone, and not in %s\n", path, c.Base+Suffix)
		}
	}
}

// without lists the files of base that tree does not have.
func without(base, tree tree.Tree) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(base)), func(path string) bool {
		_, there := tree[path]
		return there
	})
}

func same(a, b tree.File) bool {
	return (a.Mode^b.Mode)&0o100 == 0 && bytes.Equal(a.Data, b.Data)
}
