package template

import (
	"maps"
	"slices"
	"strings"

	"dockerflow/generator/tree"
)

// checkPlaces checks paths: those that are written, dropped, moved and offered.
func (r *lintRun) checkPlaces() {
	r.checkNames()
	before := r.layersWrite(len(r.layers) - 1)
	for i, p := range r.manifest.Drop {
		if r.baseless || r.manifest.Extends == "" {
			break
		}
		if tree.CheckNamed(p) == nil && !anyWithin(before, p) {
			r.fault(where("drop", i), "drop: the base does not write %s", tree.Shorten(p))
		}
	}
	for _, from := range slices.Sorted(maps.Keys(r.manifest.Moved)) {
		to := r.manifest.Moved[from]
		if _, still := r.written[from]; still {
			r.keyFault(where("moved", from), "moved: %q is still written at its old path", from)
		}
		if _, there := r.written[to]; !there && !r.only() && tree.CheckPath(to) == nil && r.template.Moved[to] == "" && !r.baseless {
			r.keyFault(where("moved", from), "moved: the template does not write %s", tree.Shorten(to))
		}
	}
	for i, group := range r.manifest.Adoption.Adopt {
		if len(group) > 0 && !r.baseless && !r.only() && !slices.ContainsFunc(group, func(p string) bool { return anyWithin(r.written, p) }) {
			r.fault(where("adopt", i), "adopt: the template writes no file of this group")
		}
	}
}

// layersWrite returns the files that the first n layers write.
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

// checkNames finds names that some system cannot store, also in combination with files of the base.
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
			r.report(f.path, 1, 1, "path %q: this is a file here, but a folder in the base: %q", p, inside)
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

// names are paths that exist together.
type names struct {
	folded  map[string]string // path in lower case -> path, including folders
	folders map[string]string // folder -> a file in it
}

// add adds a path. It returns an earlier path, or parent folder, that differs only in case, or "".
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
