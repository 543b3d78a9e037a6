package contract

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// liveCase is a service that keeps the live rules but one, and the report on it.
type liveCase struct {
	rule, name string
	check      func(t *testing.T) string
}

// probed reports what requests show of a service with a fault.
func probed(fault string, missing bool) func(t *testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		s := broken(t, fault)
		s.Missing = missing
		return liveReport(CheckLive(t.Context(), s))
	}
}

func liveReport(results []Result) string {
	var b strings.Builder
	for _, r := range results {
		if r.live != nil {
			b.WriteString(said(r.ID, r.Verdict))
		}
	}
	return b.String()
}

func said(rule string, v Verdict) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", rule, v.Status)
	if v.Note != "" {
		fmt.Fprintf(&b, ": %s", v.Note)
	}
	b.WriteString("\n")
	for _, f := range v.Findings {
		if fmt.Fprintf(&b, "  %s", f.Text); f.Line > 0 {
			fmt.Fprintf(&b, " (line %d)", f.Line)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// ports reports on L1 for a service of which containers showed this.
func ports(wrong ...string) func(t *testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		return said("L1", (&Observed{Listens: wrong}).listens())
	}
}

// logged reports on L8 for a service's output.
func logged(lines ...string) func(t *testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		return said("L8", CheckLog(strings.NewReader(strings.Join(lines, "\n")+"\n")))
	}
}

// sent reports on L9 for a service that sends these packets to its statsd.
func sent(packets ...string) func(t *testing.T) string {
	return func(t *testing.T) string {
		t.Helper()
		o := &Observed{Statsd: "127.0.0.1:8125"}
		for _, p := range packets {
			o.ReadMetrics([]byte(p))
		}
		return said("L9", o.metrics())
	}
}

var liveCases = []liveCase{
	{"", "all is well", probed("", false)},
	{"", "without its version.json", probed(`/__version__ 404 {"error":"not found"}`, true)},
	{"", "on two ports", ports()},
	{"", "a good log", logged(goodLine, goodSummary, "")},
	{"", "good metrics", sent("hello.request:1|c", "hello.time:0.3|ms\nhello.open:4|g")},

	{"L1", "one port only", ports("with PORT=29043 it listens on port 8000")},
	{"L2", "another version", probed("/__version__ 200 "+strings.Replace(versionText, "abc", "def", 1), false)},
	{"L2", "no commit", probed("/__version__ 200 {}", false)},
	{"L2", "another status", probed("/__version__ 203 "+versionText, false)},
	{"L2", "no JSON", probed("no type on /__version__", false)},
	{"L2", "an endless body", probed("endless /__version__", false)},
	{"L3", "a crash without version.json", probed("/__version__ 500 {}", true)},
	{"L3", "text without version.json", probed("/__version__ 404 not found", true)},
	{"L4", "204", probed("/__lbheartbeat__ 204 ", false)},
	{"L4", "depends on what is down", probed("/__lbheartbeat__ 503 {}", false)},
	{"L4", "hangs", probed("hangs on /__lbheartbeat__", false)},
	{"L5", "hangs", probed("hangs on /__heartbeat__", false)},
	{"L5", "404", probed("/__heartbeat__ 404 {}", false)},
	{"L5", "no JSON", probed("no type on /__heartbeat__", false)},
	{"L5", "an error that answers 200", probed(`/__heartbeat__ 200 {"status":"error","checks":{"db":"error"},"details":{"db":{"status":"error","level":40,"messages":{"db.1":"down"}}}}`, false)},
	{"L6", "no HEAD", probed("no HEAD on /__lbheartbeat__", false)},
	{"L7", "redirects", probed("redirects /__heartbeat__", false)},
	{"L7", "redirects to https", probed("redirects to https", false)},
	{"L7", "wants a host", probed("checks the host of /__version__", false)},
	{"L7", "wants a password", probed("/__lbheartbeat__ 401 {}", false)},
	{"L8", "plain lines", logged(goodLine, "listening on 8000", goodLine)},
	{"L8", "seconds for nanoseconds", logged(strings.Replace(goodLine, "1763900000123456789", "1763900000", 1))},
	{"L8", "a traceback", logged("Traceback (most recent call last):", `  File "app.py", line 1`, "KeyError: 'x'")},
	{"L8", "not UTF-8", logged(goodLine, "\xff\xfe\x00")},
	{"L9", "no metrics", sent("hello.request:1|c", "hello")},
}

// TestLiveCorpus breaks each live rule in turn. The reports are in testdata/live.txtar.
func TestLiveCorpus(t *testing.T) {
	t.Parallel()
	const file = "testdata/live.txtar"
	got := &txtar.Archive{Comment: []byte("The reports on services that break a live rule, by go test ./generator/contract -update.\n")}
	reports := make([]string, len(liveCases))
	t.Run("cases", func(t *testing.T) {
		for i, c := range liveCases {
			t.Run(c.rule+" "+c.name, func(t *testing.T) {
				t.Parallel()
				reports[i] = c.check(t)
				if c.rule != "" && !strings.Contains(reports[i], c.rule+" fail\n") || c.rule == "" && strings.Contains(reports[i], " fail\n") {
					t.Errorf("want a fail of %q:\n%s", c.rule, reports[i])
				}
			})
		}
	})
	for i, c := range liveCases {
		got.Files = append(got.Files, txtar.File{Name: strings.TrimSpace(c.rule + " " + c.name), Data: []byte(reports[i])})
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(txtar.Format(got))); diff != "" {
		t.Errorf("go test ./generator/contract -update accepts this (-want +got):\n%s", diff)
	}
}

// Other tests start the processes and containers that the remaining rules need.
func TestEveryLiveRuleHasBothKinds(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/live.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8", "L9"} {
		for _, status := range []string{"pass", "fail"} {
			if !strings.Contains(string(data), id+" "+status) {
				t.Errorf("no case in which %s is %s", id, status)
			}
		}
	}
}

// Edits of a service's source that no repository shows, and the case of the live corpus that stands for each.
func TestUnseenMutationsAreCaughtLive(t *testing.T) {
	t.Parallel()
	unseen := map[string][2]string{
		"bind to 127.0.0.1, or ignore $PORT":    {"L1", "one port only"},
		"answer with the commit of the build":   {"L2", "another version"},
		"forget the commit":                     {"L2", "no commit"},
		"send text for JSON":                    {"L2", "no JSON"},
		"crash without version.json":            {"L3", "a crash without version.json"},
		"ask the database in /__lbheartbeat__":  {"L4", "depends on what is down"},
		"answer 204 to the load balancer":       {"L4", "204"},
		"answer 200 while a check fails":        {"L5", "an error that answers 200"},
		"wait for the database without a limit": {"L5", "hangs"},
		"route GET alone":                       {"L6", "no HEAD"},
		"redirect the heartbeat":                {"L7", "redirects"},
		"force https":                           {"L7", "redirects to https"},
		"allow one host":                        {"L7", "wants a host"},
		"put authentication in front":           {"L7", "wants a password"},
		"print a line":                          {"L8", "plain lines"},
		"let a traceback out":                   {"L8", "a traceback"},
		"log seconds":                           {"L8", "seconds for nanoseconds"},
		"send another format to statsd":         {"L9", "no metrics"},
	}
	for edit, by := range unseen {
		if !slices.ContainsFunc(liveCases, func(c liveCase) bool { return c.rule == by[0] && c.name == by[1] }) {
			t.Errorf("%s: no case %s %s", edit, by[0], by[1])
		}
	}
	t.Logf("%d edits that are not seen in a repository, each caught by a live check", len(unseen))
}
