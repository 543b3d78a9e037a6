package template

import (
	"maps"
	"slices"
	"strings"

	"dockerflow/generator/tree"
)

// checkPlaces looks at paths: what is written, dropped, moved and offered.
func (r *lintRun) checkPlaces() {
	r.checkNames()
	before := r.layersWrite(len(r.layers) - 1)
	for i, p := range r.manifest.Drop {
		if r.baseless || r.manifest.Extends == "" {
			break
		}
		if tree.CheckNamed(p) == nil && !anyWithin(before, p) {
			r.fault(where("drop", i), "drop: the base writes nothing at %s", tree.Shorten(p))
		}
	}
	for _, from := range slices.Sorted(maps.Keys(r.manifest.Moved)) {
		to := r.manifest.Moved[from]
		if _, still := r.written[from]; still {
			r.keyFault(where("moved", from), "moved: %q is written where it was", from)
		}
		if _, there := r.written[to]; !there && !r.only() && tree.CheckPath(to) == nil && r.template.Moved[to] == "" && !r.baseless {
			r.keyFault(where("moved", from), "moved: nothing is written at %s", tree.Shorten(to))
		}
	}
	for i, group := range r.manifest.Adoption.Adopt {
		if len(group) > 0 && !r.baseless && !r.only() && !slices.ContainsFunc(group, func(p string) bool { return anyWithin(r.written, p) }) {
			r.fault(where("adopt", i), "adopt: nothing of this group is written")
		}
	}
}

// layersWrite is what the first n layers write.
func (r *lintRun) layersWrite(n int) map[string]layerFile {
	written := map[string]layerFile{}
	for i, files := range r.layers[:n] {
		maps.DeleteFunc(written, func(p string, _ layerFile) bool { return r.template.layers[i].drops(p) })
		maps.Copy(written, files.written)
	}
	return written
}

func anyWithin(files map[string]layerFile, name string) bool {
	for p := range files {
		if p == name || strings.HasSuffix(name, "/") && strings.HasPrefix(p, name) {
			return true
		}
	}
	return false
}

// checkNames finds what some system could not hold, also together with the base's files.
func (r *lintRun) checkNames() {
	n := names{map[string]string{}, map[string]string{}}
	all := slices.Sorted(maps.Keys(r.written))
	for _, p := range all {
		if !r.written[p].own {
			n.add(p)
		}
	}
	for _, p := range all {
		f := r.written[p]
		if !f.own {
			continue
		}
		if err := tree.CheckPath(p); err != nil {
			r.report(f.path, 1, 1, "path %q: %v", p, err)
			r.blocked = true
		}
		if inside := n.folders[p]; inside != "" {
			r.report(f.path, 1, 1, "path %q: it is a file here, and a folder in the base: %q", p, inside)
			r.blocked = true
		}
		if other := n.add(p); other != "" {
			r.report(f.path, 1, 1, "path %q: differs from %q only in case", p, other)
			r.blocked = true
		}
		for i, c := range p {
			if _, isFile := r.written[p[:i]]; c == '/' && isFile {
				r.report(f.path, 1, 1, "path %q: %q is a file", p, p[:i])
				r.blocked = true
			}
		}
	}
}

// names are paths that are to stand side by side.
type names struct {
	folded  map[string]string // path in lower case -> path; folders too
	folders map[string]string // folder -> something in it
}

// add returns what the path, or a folder on the way to it, differs from only in case, or "".
func (n names) add(p string) (other string) {
	for end := 1; end <= len(p); end++ {
		if end < len(p) && p[end] != '/' {
			continue
		}
		part := p[:end]
		key := tree.Fold(part)
		was, ok := n.folded[key]
		switch {
		case ok && was != part && other == "":
			other = was
		case !ok:
			n.folded[key] = part
		}
		if end < len(p) {
			n.folders[part] = p
		}
	}
	return other
}
