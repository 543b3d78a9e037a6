// Package fix finds edits that fix findings, and keeps those that a new check proves.
package fix

import (
	"context"
	"io/fs"
	"maps"
	"slices"

	"dockerflow/generator/budget"
	"dockerflow/generator/contract"
)

// Fix is one thing that was fixed.
type Fix struct {
	Rule string
	Path string
	Says string // what was done
}

// Set is the result of Find, and the files that it would write.
type Set struct {
	Fixes []Fix
	Files map[string][]byte // new content by path; other files are unchanged

	Unfinished string // why there may be further fixes; "" if all were tried
}

// Over returns the repository with the fixed files in place.
func (m Set) Over(files fs.FS) fs.FS { return overlay{files, m.Files} }

// Find applies only safe fixes, and writes nothing itself. Source is the repository's address for a version.json, if
// known. An edit stays only if it improves its rule and worsens no other.
func Find(ctx context.Context, files fs.FS, o contract.Options, source string) Set {
	return FindKnown(ctx, files, o, source, contract.CheckRepoWith(ctx, files, o))
}

// FindKnown is Find for a repository whose results are known. Both try fewer edits in a large repository, and none after
// ctx has ended.
func FindKnown(ctx context.Context, files fs.FS, o contract.Options, source string, before []contract.Result) Set {
	f := &fixer{files: files, variants: contract.Variants{Options: o}, before: before, m: Set{Files: map[string][]byte{}}}
	f.budget = budget.New(ctx, budget.Limits{Steps: tryingSteps})
	err := f.budget.Do(func() {
		if !f.variants.Readable(ctx, files, tryingSteps) {
			return // no edit fixes a Dockerfile that cannot be read
		}
		for _, edits := range []func(dockerfileText) []proposedFix{execForms, portSettings, ignoreLines, placeholder(source)} {
			f.try(ctx, edits)
		}
	})
	if err != nil {
		f.m.Unfinished = contract.Unjudged("searching for fixes", err)
	}
	return f.m
}

// fixer tries one edit after the other. What it has fixed stays when its budget ends.
type fixer struct {
	files    fs.FS
	variants contract.Variants
	budget   *budget.Budget
	before   []contract.Result
	m        Set
}

// tryingSteps are for all the checks that try what can be fixed: with the check before them, they stay below 5 s and
// 512 MB on a slow machine, whatever the repository holds.
const tryingSteps = 4_000_000

// stepsOfTry is the cost of an edit in addition to its check, mostly for reading the Dockerfile again.
const stepsOfTry = 50_000

// try makes the edits of a kind that help. An edit moves lines: the others are found again after it.
func (f *fixer) try(ctx context.Context, edits func(dockerfileText) []proposedFix) {
	tried := map[string]bool{}
	for again := true; again; {
		again = false
		for _, e := range edits(readDockerfile(f.m.Over(f.files), f.variants.Options, f.budget)) {
			if tried[e.says] || !wanted(f.before, e.rule) {
				continue
			}
			tried[e.says] = true
			with := maps.Clone(f.m.Files)
			with[e.path] = e.data()
			if after := f.check(ctx, overlay{f.files, with}); better(e.rule, f.before, after) {
				f.m.Files, f.before = with, after
				f.m.Fixes = append(f.m.Fixes, Fix{e.rule, e.path, e.says})
				again = true
				break
			}
		}
	}
}

// check takes no more steps than are left.
func (f *fixer) check(ctx context.Context, files fs.FS) []contract.Result {
	f.budget.Steps(stepsOfTry)
	results, used := f.variants.Check(ctx, files, tryingSteps-f.budget.Used().Steps)
	f.budget.Steps(used)
	return results
}

// proposedFix is a file as an edit would leave it.
type proposedFix struct {
	rule, path, says string
	data             func() []byte
}

// wanted reports whether a rule has something to fix.
func wanted(results []contract.Result, id string) bool {
	return slices.ContainsFunc(results, func(r contract.Result) bool { return r.ID == id && r.Status != contract.Pass })
}

// better reports whether an edit helped its rule and harmed none.
func better(id string, before, after []contract.Result) bool {
	helped := false
	for i, b := range before {
		a := after[i]
		was, is := contract.NewBaseline([]contract.Result{b}), contract.NewBaseline([]contract.Result{a})
		for _, k := range is {
			if !slices.ContainsFunc(was, func(w contract.Known) bool { return sameFinding(w, k) && w.Count >= k.Count }) {
				return false
			}
		}
		worse := a.Status == contract.NotCheckable && b.Status == contract.Pass || a.Status == contract.Fail && b.Status != contract.Fail
		if worse {
			return false
		}
		if b.ID == id {
			helped = len(a.Findings) < len(b.Findings) || a.Status == contract.Pass && b.Status != contract.Pass
		}
	}
	return helped
}

// sameFinding compares two baseline entries without their counts.
func sameFinding(a, b contract.Known) bool {
	a.Count, b.Count = 0, 0
	return a == b
}
