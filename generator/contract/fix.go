package contract

import (
	"context"
	"io/fs"
	"maps"
	"slices"

	"dockerflow/generator/budget"
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

	Unfinished string // why more may be mended; "" where all was tried
}

// Over is the repository as it is when the mended files are written.
func (m Mended) Over(files fs.FS) fs.FS { return overlay{files, m.Files} }

// Fix mends what can be mended for certain, and writes nothing itself. The source is the repository's address for a
// version.json, where it is known. Each edit has to prove itself: it stays only if its rule is better kept with it, and
// no rule worse.
func Fix(ctx context.Context, files fs.FS, o Options, source string) Mended {
	return FixKnown(ctx, files, o, source, CheckRepoWith(ctx, files, o))
}

// FixKnown is Fix where the results of the check are there already. Both try fewer edits where the repository is large,
// and none after the end of ctx.
func FixKnown(ctx context.Context, files fs.FS, o Options, source string, before []Result) Mended {
	f := &fixer{files: files, options: o, before: before, m: Mended{Files: map[string][]byte{}}}
	f.budget = budget.New(ctx, budget.Limits{Steps: mendSteps})
	err := f.budget.Do(func() {
		if open(ctx, files, o, mendSteps).broken != nil {
			return // no edit mends a Dockerfile that cannot be read
		}
		for _, edits := range []func(dockerfileText) []edition{execForms, portSettings, ignoreLines, placeholder(source)} {
			f.try(ctx, edits)
		}
	})
	if err != nil {
		f.m.Unfinished = unjudged("looking for all that can be mended", err)
	}
	return f.m
}

// fixer tries one edit after the other. What it has mended stays when its budget ends.
type fixer struct {
	files   fs.FS
	options Options
	budget  *budget.Budget
	before  []Result
	m       Mended

	listed []string // of the repository's tree, once it is known
	cut    bool
}

// stepsOfTry is what an edit counts beside the steps of the check on it: reading the Dockerfile anew, for the most part.
const stepsOfTry = 50_000

// try makes the edits of a kind that help. An edit moves lines: the others are found anew after it.
func (f *fixer) try(ctx context.Context, edits func(dockerfileText) []edition) {
	tried := map[string]bool{}
	for again := true; again; {
		again = false
		for _, e := range edits(readDockerfile(f.m.Over(f.files), f.options, f.budget)) {
			if tried[e.says] || !wanted(f.before, e.rule) {
				continue
			}
			tried[e.says] = true
			with := maps.Clone(f.m.Files)
			with[e.path] = e.data()
			if after := f.check(ctx, overlay{f.files, with}); better(e.rule, f.before, after) {
				f.m.Files, f.before = with, after
				f.m.Mends = append(f.m.Mends, Mend{e.rule, e.path, e.says})
				again = true
				break
			}
		}
	}
}

// check takes no more steps than are left.
func (f *fixer) check(ctx context.Context, files fs.FS) []Result {
	f.budget.Steps(stepsOfTry)
	steps := mendSteps - f.budget.Used().Steps
	r := open(ctx, files, f.options, steps)
	r.listed, r.cut = f.listed, f.cut // an overlay lists what lies below it
	results := r.check(ctx)
	f.listed, f.cut = r.listed, r.cut
	f.budget.Steps(steps - r.left)
	return results
}

// edition is a file as an edit would leave it.
type edition struct {
	rule, path, says string
	data             func() []byte
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
