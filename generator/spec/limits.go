package spec

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"dockerflow/generator/budget"
)

// limits are what one rule, or reading the repository before the rules, may cost. A step takes up to 100 ns on a slow
// machine, so that the thirteen rules and the reading together stay below 5 s and 512 MB, whatever the repository holds.
var limits = budget.Limits{Steps: 2_000_000, Bytes: 32 << 20}

// stepsOfFile is what finding, opening or listing a file counts.
const stepsOfFile = 50

// bytesOfStep is how many bytes are read, searched or compared in a step.
const bytesOfStep = 64

// limited runs work by a fresh budget, which the repository's methods find in r.budget. An exceeded limit ends the work
// anywhere: what it remembers for the next rule it sets last.
func (r *repo) limited(ctx context.Context, work func()) error {
	r.budget = budget.New(ctx, limits)
	return r.budget.Do(work)
}

// verdict is that of a rule on the repository. It is not checkable where it takes too much.
func (r *repo) verdict(ctx context.Context, rule Rule) (v Verdict) {
	if err := r.limited(ctx, func() { v = rule.repo(r) }); err != nil {
		return unknown(unjudged("judging it", err))
	}
	return v
}

// unjudged says why something is not checkable after all.
func unjudged(doing string, err error) string {
	var exceeded *budget.ExceededError
	if errors.As(err, &exceeded) {
		return fmt.Sprintf("%s takes more than %d %s", doing, exceeded.Limit, exceeded.What)
	}
	return "the check was interrupted"
}

// open reads the repository for all rules. Where that takes too much, no rule on the Dockerfile is checkable.
func open(ctx context.Context, files fs.FS, o Options) *repo {
	r := &repo{files: files, name: cmp.Or(o.Dockerfile, "Dockerfile")}
	if err := r.limited(ctx, func() { r.readDocker(o) }); err != nil {
		r.docker, r.ignore = nil, nil
		r.other = unjudged("reading "+r.name, err)
		r.broken = &Finding{Path: r.name, Text: r.other}
	}
	return r
}
