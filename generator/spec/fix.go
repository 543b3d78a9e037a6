package spec

import (
	"context"
	"io/fs"
	"maps"
	"slices"
)

// Mend is one thing that Fix mended.
type Mend struct {
	Rule string
	Path string
	Says string // what was done
}

// Mended is what Fix would write.
type Mended struct {
	Mends []Mend
	Files map[string][]byte // the new content by path; all else stays
}

// Over is the repository as it is when the mended files are written.
func (m Mended) Over(files fs.FS) fs.FS { return overlay{files, m.Files} }

// Fix mends what can be mended for certain, and writes nothing itself. The source is the repository's address for a
// version.json, where it is known. Each edit has to prove itself: it stays only if its rule is better kept with it, and
// no rule worse.
func Fix(ctx context.Context, files fs.FS, o Options, source string) Mended {
	return FixKnown(ctx, files, o, source, CheckRepoWith(ctx, files, o))
}

// FixKnown is Fix where the results of the check are there already: they take longer than all the rest.
func FixKnown(ctx context.Context, files fs.FS, o Options, source string, before []Result) Mended {
	m := Mended{Files: map[string][]byte{}}
	for _, edits := range []func(dockerfileText) []edition{execForms, portSettings, ignoreLines, placeholder(source)} {
		tried := map[string]bool{}
		for again := true; again; {
			again = false
			for _, e := range edits(readDockerfile(m.Over(files), o)) { // an edit moves lines: the others are found anew after it
				if tried[e.says] || !wanted(before, e.rule) {
					continue
				}
				tried[e.says] = true
				with := Mended{Files: maps.Clone(m.Files)}
				with.Files[e.path] = e.data
				if after := CheckRepoWith(ctx, with.Over(files), o); better(e.rule, before, after) {
					m.Files, before = with.Files, after
					m.Mends = append(m.Mends, Mend{e.rule, e.path, e.says})
					again = true
					break
				}
			}
		}
	}
	return m
}

// edition is a file as an edit would leave it.
type edition struct {
	rule, path, says string
	data             []byte
}

// wanted tells whether there is anything to mend about a rule.
func wanted(results []Result, id string) bool {
	return slices.ContainsFunc(results, func(r Result) bool { return r.ID == id && r.Status != Pass })
}

// better tells whether an edit helped its rule and harmed none.
func better(id string, before, after []Result) bool {
	helped := false
	for i, b := range before {
		a := after[i]
		was, is := NewBaseline([]Result{b}), NewBaseline([]Result{a})
		for _, k := range is {
			if !slices.ContainsFunc(was, func(w Known) bool { return w.compare(k) == 0 && w.Count >= k.Count }) {
				return false
			}
		}
		worse := a.Status == NotCheckable && b.Status == Pass || a.Status == Fail && b.Status != Fail
		if worse {
			return false
		}
		if b.ID == id {
			helped = len(a.Findings) < len(b.Findings) || a.Status == Pass && b.Status != Pass
		}
	}
	return helped
}
