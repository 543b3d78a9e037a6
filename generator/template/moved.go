package template

import (
	"maps"
	"slices"

	"dockerflow/generator/tree"
)

// addMoved collects the moved entries of the manifests, the base's first.
func (t *Template) addMoved(all ...map[string]string) (f faults) {
	for _, moved := range all {
		for _, from := range slices.Sorted(maps.Keys(moved)) {
			to := moved[from]
			for _, p := range []string{from, to} {
				if err := tree.CheckPath(p); err != nil {
					f.add(where("moved", from), "moved: path %q: %w", p, err)
				}
			}
			if other, twice := t.Moved[from]; twice && other != to {
				f.add(where("moved", from), "moved: %q moves to both %q and %q", from, other, to)
			}
			if t.Moved == nil {
				t.Moved = map[string]string{}
			}
			t.Moved[from] = to
		}
	}
	for _, from := range slices.Sorted(maps.Keys(t.Moved)) {
		to, ok := t.Moved[from]
		for range len(t.Moved) {
			if to, ok = t.Moved[to]; !ok {
				break
			}
		}
		if ok {
			f.add(where("moved", from), "moved: %q moves back to its old path", from)
		}
	}
	return f
}

// PlaceOf returns the path in tree of a file that an earlier version had at p, or "" if there is none.
func (t *Template) PlaceOf(tree tree.Tree, p string) string {
	for range len(t.Moved) + 1 {
		if _, ok := tree[p]; ok {
			return p
		}
		to, ok := t.Moved[p]
		if !ok {
			return ""
		}
		p = to
	}
	return ""
}
