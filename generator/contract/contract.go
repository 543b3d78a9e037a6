// Package contract is the Dockerflow contract: one table of rules, and the checks that hold a repository, a running service
// and its output against them.
package contract

import (
	"context"
	"io/fs"
)

// Level says how much a rule binds.
type Level string

// A broken Must is a broken contract, a broken Should is advice that was not taken.
const (
	Must   Level = "must"
	Should Level = "should"
)

// Status is what became of a rule. Its zero value is NotCheckable: what nobody checked never counts as passed.
type Status int

// What can become of a rule.
const (
	NotCheckable Status = iota
	Pass
	Fail
)

// String is the status as a report shows it.
func (s Status) String() string {
	return [...]string{"not checkable", "pass", "fail"}[s]
}

// Finding is one place that breaks a rule. Path is empty where no file shows it, Line is 0 where no line does.
type Finding struct {
	Path string
	Line int
	Text string
}

// Verdict is the judgement on one rule.
type Verdict struct {
	Status   Status
	Findings []Finding // why it fails
	Note     string    // why it is not checkable, or what a pass does not say
}

// Rule is one sentence of the contract.
type Rule struct {
	ID     string
	Level  Level
	Says   string
	Source string // who asks for it, and where: the 2016 specification, today's, or practice
	URL    string // of the section that is published; "" where there is none
	Needs  string // what shows whether it is kept
	Fix    string // what to do where it is not

	repo  func(*repo) Verdict                     // nil: a repository does not show it
	live  func(context.Context, *Service) Verdict // nil: requests do not show it
	image func(*Observed) Verdict                 // nil: an image shows it only by the answers to requests, if at all
}

// Result is the judgement on one rule of the table.
type Result struct {
	Rule
	Verdict
}

// CheckRepo holds a repository against the rules and gives a result for each, in their order. Symbolic links are followed
// within the repository only, so that os.DirFS serves as well as os.Root.FS, which refuses the others itself.
// What takes too much to judge, or was not reached before ctx ended, is not checkable.
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

// CheckLive holds a running service against the rules and gives a result for each, in their order.
// What gives no answer in time is asked once, so that a service that hangs does not hold up every rule.
func CheckLive(ctx context.Context, s *Service) []Result {
	s = &Service{URL: s.URL, Client: s.Client, Version: s.Version, Missing: s.Missing, hung: map[string]error{}}
	results := make([]Result, 0, len(Rules))
	for _, rule := range Rules {
		results = append(results, Result{rule, rule.CheckLive(ctx, s)})
	}
	return results
}

// CheckLive holds a running service against the rule alone.
func (r Rule) CheckLive(ctx context.Context, s *Service) Verdict {
	if r.live == nil {
		return unknown("needs " + r.Needs)
	}
	return r.live(ctx, s)
}

// unknown is the verdict on what cannot be decided.
func unknown(why string) Verdict { return Verdict{Note: why} }

// judge fails on findings. Without any it passes, unless something could not be decided.
func judge(found []Finding, undecided string) Verdict {
	switch {
	case len(found) > 0:
		return Verdict{Status: Fail, Findings: found}
	case undecided != "":
		return unknown(undecided)
	}
	return Verdict{Status: Pass}
}
