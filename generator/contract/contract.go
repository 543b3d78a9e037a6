// Package contract defines the Dockerflow rules and checks repositories, running services, their output and images
// against them.
package contract

import (
	"context"
	"io/fs"
)

// Level is how binding a rule is.
type Level string

// The levels of rules: breaking a Must breaks the contract, a Should is advice.
const (
	Must   Level = "must"
	Should Level = "should"
)

// Status is the outcome of a rule. The zero value is NotCheckable, so a rule that nobody checked never counts as passed.
type Status int

// The outcomes of a rule.
const (
	NotCheckable Status = iota
	Pass
	Fail
)

// String returns the status as reports show it.
func (s Status) String() string {
	return [...]string{"not checkable", "pass", "fail"}[s]
}

// Finding is one place that breaks a rule. Path is empty if no file shows it, Line is 0 if no line does.
type Finding struct {
	Path string
	Line int
	Text string
}

// Verdict is the judgement on one rule.
type Verdict struct {
	Status   Status
	Findings []Finding // why it fails
	Note     string    // why it is not checkable, or what a pass leaves open
}

// Rule is one rule of the contract.
type Rule struct {
	ID     string
	Level  Level
	Says   string
	Source string // where the rule comes from: the 2016 specification, the current one, or practice
	URL    string // of the published section; "" if there is none
	Needs  string // what a check of the rule needs
	Fix    string // how to fix a failure

	repo  func(*repo) Verdict                     // nil: a repository cannot decide the rule
	live  func(context.Context, *Service) Verdict // nil: requests cannot decide the rule
	image func(*Observed) Verdict                 // nil: only the answers to requests can decide the rule
}

// Result is the verdict on one rule of the table.
type Result struct {
	Rule
	Verdict
}

// CheckRepo checks a repository against the rules and returns one result per rule, in order. It follows symbolic links
// only within the repository, so os.DirFS is as safe as os.Root.FS, which refuses the others itself. A rule that exceeds
// its budget, or was not reached before ctx ended, is not checkable.
func CheckRepo(ctx context.Context, files fs.FS) []Result {
	return CheckRepoWith(ctx, files, Options{})
}

// CheckRepoWith is CheckRepo for a repository whose Dockerfile has another name.
func CheckRepoWith(ctx context.Context, files fs.FS, o Options) []Result {
	return open(ctx, files, o, allSteps).check(ctx)
}

func (r *repo) check(ctx context.Context) []Result {
	results := make([]Result, 0, len(Rules))
	for _, rule := range Rules {
		v := unknown("needs " + rule.Needs)
		if rule.repo != nil {
			v = r.verdict(ctx, rule)
		}
		results = append(results, Result{rule, v})
	}
	return results
}

// CheckLive checks a running service against the rules and returns one result per rule, in order. It asks each path that
// times out only once, so a service that hangs does not delay every rule.
func CheckLive(ctx context.Context, s *Service) []Result {
	s = &Service{URL: s.URL, Client: s.Client, Version: s.Version, Missing: s.Missing, hung: map[string]error{}}
	results := make([]Result, 0, len(Rules))
	for _, rule := range Rules {
		results = append(results, Result{rule, rule.CheckLive(ctx, s)})
	}
	return results
}

// CheckLive checks a running service against this rule.
func (r Rule) CheckLive(ctx context.Context, s *Service) Verdict {
	if r.live == nil {
		return unknown("needs " + r.Needs)
	}
	return r.live(ctx, s)
}

// unknown returns the verdict on a rule that cannot be decided.
func unknown(why string) Verdict { return Verdict{Note: why} }

// judge fails if there are findings. Otherwise it passes, unless something could not be decided.
func judge(found []Finding, undecided string) Verdict {
	switch {
	case len(found) > 0:
		return Verdict{Status: Fail, Findings: found}
	case undecided != "":
		return unknown(undecided)
	}
	return Verdict{Status: Pass}
}
