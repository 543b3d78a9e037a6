package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"dockerflow/.ci/process"
	"dockerflow/generator/contract"
)

// probe is one run of all checks on a service.
type probe struct {
	out              io.Writer
	dir, versionFile string
	command          []string
	env              []string // more of it, for tests

	ready time.Duration // how long the service may take to listen
	grace time.Duration // how long it may take to stop
	limit time.Duration // how long a request may take

	passed, failed int
	seen           map[string]bool // rules that were checked
}

// all runs everything that can be asked of a service, on two ports. It fails if the service cannot be tried at all.
func (p *probe) all(ctx context.Context) error {
	if err := p.restoreVersion(); err != nil {
		return err
	}
	for range 2 {
		port, err := process.FreePort()
		if err != nil {
			return err
		}
		for _, scenario := range []func(context.Context, int) error{
			p.serves, p.backendDown, p.backendFails, p.backendHangs, p.backendWell, p.stopsInFlight, p.lacksVersion, p.portTaken,
		} {
			if err := scenario(ctx, port); err != nil {
				return err
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	if err := p.badConfiguration(ctx); err != nil {
		return err
	}
	p.unseen()
	return nil
}

// check prints the result of one check, which passes if there are no problems.
func (p *probe) check(rule, where string, problems ...string) {
	if p.seen == nil {
		p.seen = map[string]bool{}
	}
	p.seen[rule] = true
	if len(problems) == 0 {
		p.passed++
		fmt.Fprintf(p.out, "ok %s %s\n", rule, where)
		return
	}
	p.failed++
	const most = 5
	if n := len(problems); n > most {
		problems = append(problems[:most:most], fmt.Sprintf("and %d more", n-most))
	}
	fmt.Fprintf(p.out, "FAIL %s %s: %s\n", rule, where, strings.Join(problems, "; "))
}

// unseen names the live rules that nothing here checks.
func (p *probe) unseen() {
	for _, r := range contract.Rules {
		if strings.HasPrefix(r.ID, "L") && !p.seen[r.ID] {
			fmt.Fprintf(p.out, "-- %s not checked: needs %s\n", r.ID, r.Needs)
		}
	}
}

// live checks the service against some of the rules that requests decide.
func (p *probe) live(ctx context.Context, s *service, target *contract.Service, where string, ids ...string) {
	target.URL, target.Client = s.url("127.0.0.1"), s.client
	for _, r := range contract.Rules {
		if !slices.Contains(ids, r.ID) {
			continue
		}
		verdict := r.CheckLive(ctx, target)
		var problems []string
		for _, f := range verdict.Findings {
			problems = append(problems, f.Text)
		}
		if verdict.Status == contract.NotCheckable {
			problems = append(problems, verdict.Note)
		}
		p.check(r.ID, where, problems...)
	}
}
