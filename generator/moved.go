package generator

import (
	"fmt"
	"maps"
	"slices"
)

// addMoved takes what the manifests say of files that an earlier version wrote elsewhere.
func (t *Template) addMoved(all ...map[string]string) error {
	for _, moved := range all {
		for _, from := range slices.Sorted(maps.Keys(moved)) {
			to := moved[from]
			for _, p := range []string{from, to} {
				if err := checkPath(p); err != nil {
					return fmt.Errorf("moved: path %q: %w", p, err)
				}
			}
			if other, twice := t.Moved[from]; twice && other != to {
				return fmt.Errorf("moved: %q goes to %q and to %q", from, other, to)
			}
			if t.Moved == nil {
				t.Moved = map[string]string{}
			}
			t.Moved[from] = to
		}
	}
	for from := range t.Moved {
		to, ok := t.Moved[from]
		for range len(t.Moved) {
			if to, ok = t.Moved[to]; !ok {
				break
			}
		}
		if ok {
			return fmt.Errorf("moved: %q comes back to where it was", from)
		}
	}
	return nil
}

// placeOf is where tree has the file that an earlier version had at p, or "" where it has none.
func (t *Template) placeOf(tree Tree, p string) string {
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
