package generator

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
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

// addAdopted takes the groups of files that a project which is adopted may get.
func (t *Template) addAdopted(groups ...[][]string) error {
	for _, group := range slices.Concat(groups...) {
		if len(group) == 0 {
			return fmt.Errorf("adopt: want a list of paths in each group")
		}
		for _, p := range group {
			if err := checkPath(strings.TrimSuffix(p, "/")); err != nil {
				return fmt.Errorf("adopt: path %q: %w", p, err)
			}
		}
		t.Adopt = append(t.Adopt, group)
	}
	return nil
}

// Offered are the files of tree that a project which was not made by this template may get: those of each group that
// the project has nothing of. One that stands without the other could break what works: a .dockerignore that is not the
// Dockerfile's, or a second CI. has tells whether the project has a path; one that ends in a slash is a folder.
func (t *Template) Offered(tree Tree, has func(string) bool) Tree {
	offered := Tree{}
	for _, group := range t.Adopt {
		if slices.ContainsFunc(group, has) {
			continue
		}
		for p, f := range tree {
			if slices.ContainsFunc(group, func(g string) bool { return p == g || strings.HasSuffix(g, "/") && strings.HasPrefix(p, g) }) {
				offered[path.Clean(p)] = f
			}
		}
	}
	return offered
}
