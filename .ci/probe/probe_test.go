package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dockerflow/.ci/process"
)

const versionText = `{"source":"https://github.com/example/hello","version":"1.0.0","commit":"abc","build":"https://ci.example.com/1"}`

// newProbe probes the fixture with a fault, in a folder of its own.
func newProbe(t *testing.T, fault string) (*probe, *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "version.json")
	if err := os.WriteFile(file, []byte(versionText), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	return &probe{
		out: &out, dir: dir, versionFile: file, command: []string{self}, env: []string{"FAULT=" + fault},
		ready: 20 * time.Second, grace: 15 * time.Second, limit: 5 * time.Second,
	}, &out
}

func TestCompliantService(t *testing.T) {
	t.Parallel()
	p, out := newProbe(t, "")
	if err := p.all(t.Context()); err != nil {
		t.Fatal(err)
	}
	if p.failed > 0 {
		t.Errorf("it fails:\n%s", out)
	}
	if n := strings.Count(out.String(), "\n-- "); n != 1 || !strings.Contains(out.String(), "-- L11 not checked") {
		t.Errorf("not only L11 is left out:\n%s", out)
	}
	if _, err := os.Stat(p.versionFile); err != nil {
		t.Error(err)
	}
}

// Each check must be able to fail, and for its own reason.
func TestFaultsAreCaught(t *testing.T) {
	t.Parallel()
	type scenario = func(*probe, context.Context, int) error
	bad := func(p *probe, ctx context.Context, _ int) error { return p.badConfiguration(ctx) }
	for _, c := range []struct {
		fault string
		run   scenario
		want  string // in a line that fails
	}{
		{"needs statsd", (*probe).backendFails, "ended before it listened"},
		{"listens on loopback", (*probe).serves, "on all interfaces: it does not listen on 127.0.0.2"},
		{"knows every path", (*probe).serves, "an unknown path is a 404: it answers 200"},
		{"dies of requests", (*probe).serves, "connection refused"},
		{"another version", (*probe).serves, "L2"},
		{"no HEAD", (*probe).serves, "L6"},
		{"allows one host", (*probe).serves, "L7"},
		{"plain text on stdout", (*probe).serves, "every line on stdout is mozlog: is not a JSON object"},
		{"writes to stderr", (*probe).serves, "nothing on stderr"},
		{"no app.start", (*probe).serves, "0 lines of app.start"},
		{"no app.stop", (*probe).serves, "0 lines of app.stop"},
		{"twice app.stop", (*probe).serves, "2 lines of app.stop"},
		{"no request.summary", (*probe).serves, "one request.summary for each request: no line for"},
		{"twice request.summary", (*probe).serves, "which were not requested"},
		{"logs another path", (*probe).serves, "which were not requested"},
		{"logs the query", (*probe).serves, "want a path without its query"},
		{"logs no language", (*probe).serves, `lang is ""`},
		{"ignores X-Request-Id", (*probe).serves, "no line has the id"},
		{"no metrics", (*probe).serves, "L9"},
		{"bad metrics", (*probe).serves, "not a statsd metric"},
		{"exits 3", (*probe).serves, "exit status 3"},
		{"checks in lbheartbeat", (*probe).backendDown, "L4"},
		{"checks in lbheartbeat", (*probe).backendFails, "L4"},
		{"200 for a failure", (*probe).backendDown, "L5"},
		{"calls a failure a warning", (*probe).backendDown, `checks.backend is "warning"`},
		{"checks nothing", (*probe).backendFails, `checks.backend is ""`},
		{"checks nothing", (*probe).backendWell, `checks.backend is ""`},
		{"checks nothing", (*probe).stopsInFlight, "never asked the backend"},
		{"needs someone at statsd", (*probe).backendDown, "L9"},
		{"drops requests", (*probe).stopsInFlight, "the request is finished"},
		{"accepts while stopping", (*probe).stopsInFlight, "it still takes connections"},
		{"exits 3", (*probe).stopsInFlight, "exit status 3"},
		{"null without version.json", (*probe).lacksVersion, "L3"},
		{"silent about a taken port", (*probe).portTaken, "writes no line"},
		{"exits 0 on bad configuration", bad, "ends with exit status 0"},
		{"explains in plain text", bad, "writes 2 lines"},
		{"twice app.config", bad, "writes 2 lines"},
		{"no app.config", bad, "writes 0 lines"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			p, out := newProbe(t, c.fault)
			mustFail(t, p, out, c.run, c.want)
		})
	}
}

// Faults that are seen only by waiting are given less time.
func TestEndlessFaultsAreCaught(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault string
		run   func(*probe, context.Context, int) error
		want  string
	}{
		{"ignores PORT", (*probe).serves, "it does not listen on $PORT"},
		{"ignores SIGTERM", (*probe).serves, "it still runs 1s after SIGTERM"},
		{"waits for the backend", (*probe).backendHangs, "no answer in time"},
		{"takes any PORT", func(p *probe, ctx context.Context, _ int) error { return p.badConfiguration(ctx) }, "with PORT=0: it exits: it still runs"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			p, out := newProbe(t, c.fault)
			p.ready, p.grace, p.limit = time.Second, time.Second, 500*time.Millisecond
			mustFail(t, p, out, c.run, c.want)
		})
	}
}

func mustFail(t *testing.T, p *probe, out *bytes.Buffer, run func(*probe, context.Context, int) error, want string) {
	t.Helper()
	port, err := process.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	if err := run(p, t.Context(), port); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if strings.HasPrefix(line, "FAIL ") && strings.Contains(line, want) {
			return
		}
	}
	t.Errorf("no line fails with %q:\n%s", want, out)
}

func TestVersionIsPutBack(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(p *probe) error{
		"an earlier probe was killed":           func(p *probe) error { return os.Rename(p.versionFile, p.aside()) },
		"it was killed between link and remove": func(p *probe) error { return os.Link(p.versionFile, p.aside()) },
	} {
		p, _ := newProbe(t, "")
		if err := prepare(p); err != nil {
			t.Fatal(err)
		}
		if err := p.restoreVersion(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if text, err := os.ReadFile(p.versionFile); err != nil || string(text) != versionText {
			t.Errorf("%s: %q, %v", name, text, err)
		}
		if _, err := os.Lstat(p.aside()); err == nil {
			t.Errorf("%s: the other file is left", name)
		}
	}
}

// A file that somebody wrote meanwhile must not be lost, either.
func TestVersionIsNotOverwritten(t *testing.T) {
	t.Parallel()
	p, _ := newProbe(t, "")
	if err := os.WriteFile(p.aside(), []byte("older"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.restoreVersion(); err == nil {
		t.Error("no error")
	}
	if text, err := os.ReadFile(p.versionFile); err != nil || string(text) != versionText {
		t.Errorf("%q, %v", text, err)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"--dir", "."}, {"--nonsense"}, {"--dir", t.TempDir(), "--", "/no/such/program"}} {
		var out, errs bytes.Buffer
		if code := run(t.Context(), args, &out, &errs); code != 2 || errs.Len() == 0 {
			t.Errorf("%v: exit %d, %q", args, code, errs.String())
		}
	}
}
