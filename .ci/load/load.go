package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// load is one run of all checks on a service.
type load struct {
	out     io.Writer
	program program

	ready       time.Duration // how long the service may take to listen
	grace       time.Duration // how long it may take to stop
	connections int           // how many are always busy at full load

	warmUp time.Duration // full load before memory is looked at
	full   time.Duration // full load while it is
	half   time.Duration // half of full load
	slow   time.Duration // how long a slow client may stay
	prompt time.Duration // how long all heartbeats but a hundredth may take

	checks []string // of checkNames, those to run

	passed, failed int
}

var checkNames = []string{"stop", "memory", "slow", "bodies", "heartbeats"}

// paths are the two that every service has and that cost it least: the stub's index, and what load balancers ask.
var paths = []string{"/", "/__lbheartbeat__"}

// all runs the checks that are asked for. It fails if the service cannot be tried at all.
func (l *load) all(ctx context.Context) error {
	if slices.Contains(l.checks, "stop") {
		for _, path := range paths {
			if err := l.stopsAtFullLoad(ctx, path); err != nil {
				return err
			}
		}
	}
	s, err := l.start(ctx)
	if err != nil {
		return err
	}
	defer s.Kill()
	for _, check := range []struct {
		name string
		run  func(context.Context, *service) error
	}{{"memory", l.staysFlat}, {"slow", l.slowClients}, {"bodies", l.largeBodies}, {"heartbeats", l.heartbeats}} {
		if !slices.Contains(l.checks, check.name) {
			continue
		}
		if err := check.run(ctx, s); err != nil {
			return err
		}
	}
	l.check("after all checks it stops on SIGTERM", s.stop(l.grace)...)
	return nil
}

// start runs the service and waits until it listens.
func (l *load) start(ctx context.Context) (*service, error) {
	return l.program.start(ctx, l.ready)
}

// check prints the result of one check, which passes if there are no problems.
func (l *load) check(what string, problems ...string) {
	if len(problems) == 0 {
		l.passed++
		fmt.Fprintf(l.out, "ok %s\n", what)
		return
	}
	l.failed++
	const most = 5
	if n := len(problems); n > most {
		problems = append(problems[:most:most], fmt.Sprintf("and %d more", n-most))
	}
	fmt.Fprintf(l.out, "FAIL %s: %s\n", what, strings.Join(problems, "; "))
}

// wait returns false if the context ended before the time was up.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
