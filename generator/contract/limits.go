package contract

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"dockerflow/generator/budget"
)

// Budgets of a check. A step takes up to 100 ns on a slow machine, so a check with a search for fixes takes less than 5
// s and 512 MB for any repository.
var (
	limits   = budget.Limits{Steps: 2_000_000, Bytes: 32 << 20} // of one rule, or of reading the repository before the rules
	allSteps = 10_000_000                                       // of these together
)

// What it counts to find or open a file, and to list one.
const (
	stepsOfFile  = 50
	stepsOfEntry = 10
)

// stepsOfFolder is what each folder on the way to a file counts: os.Root opens them all.
const stepsOfFolder = 20

// errAllSteps reports that earlier rules have used up the steps.
var errAllSteps = &budget.ExceededError{What: "steps", Limit: allSteps}

// limited runs work with a fresh budget, which the repository's methods find in r.budget. An exceeded limit can end the
// work anywhere, so work must store what it shares with the next rule last.
func (r *repo) limited(ctx context.Context, work func()) error {
	own := limits
	if r.left < own.Steps {
		own.Steps = max(r.left, 1) // none would be no limit
	}
	r.budget = budget.New(ctx, own)
	if r.docker != nil {
		r.docker.Budget = r.budget
	}
	err := r.budget.Do(work)
	r.left -= r.budget.Used().Steps
	if own != limits && budget.Exceeded(err) {
		return errAllSteps
	}
	return err
}

// verdict runs a rule on the repository. A rule that exceeds its budget is not checkable.
func (r *repo) verdict(ctx context.Context, rule Rule) (v Verdict) {
	switch err := r.limited(ctx, func() { v = rule.repo(r) }); {
	case errors.Is(err, errAllSteps):
		return unknown(Unjudged("checking the repository", err))
	case err != nil:
		return unknown(Unjudged("judging it", err))
	}
	return v.bounded()
}

// Unjudged returns the note on something that turned out not to be checkable.
func Unjudged(doing string, err error) string {
	var exceeded *budget.ExceededError
	if errors.As(err, &exceeded) {
		return fmt.Sprintf("%s takes more than %d %s", doing, exceeded.Limit, exceeded.What)
	}
	return "the check was interrupted"
}

// open reads the repository for all rules, which together may take so many steps. Where that takes too much, no rule on
// the Dockerfile is checkable.
func open(ctx context.Context, files fs.FS, o Options, steps int) *repo {
	r := &repo{files: files, name: cmp.Or(o.Dockerfile, "Dockerfile"), left: steps}
	if err := r.limited(ctx, func() { r.readDocker(o) }); err != nil {
		r.docker, r.ignore = nil, nil
		r.other = Unjudged("reading "+r.name, err)
		r.broken = &Finding{Path: r.name, Text: r.other}
	}
	return r
}
