package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"dockerflow/cmd/output"
	"dockerflow/generator/contract"
	"dockerflow/generator/contract/fix"
)

var update = flag.Bool("update", false, "rewrite the files that testdata/check compares with")

// odd is a report that has everything a report can have, with hostile texts.
func odd() *Check {
	fail := func(found ...contract.Finding) contract.Verdict {
		return contract.Verdict{Status: contract.Fail, Findings: found}
	}
	results := contract.Combine(
		contract.Only("S4", fail(contract.Finding{Path: "a,b:c%0A\n::error::x/Dockerfile", Line: 3, Text: "50% of\r\n::set-output name=x::\x1b[31m\u202e\x9b\xffred"})),
		contract.Only("S5", fail(contract.Finding{Path: "Dockerfile", Line: 7, Text: "known"}, contract.Finding{Text: "]]><x a=\"&\">"})),
		contract.Only("S6", fail(contract.Finding{Path: "Dockerfile", Text: "own base"})),
		contract.Only("S7", fail(contract.Finding{Path: "Dockerfile", Line: 9, Text: "known, too"})),
		contract.Only("S10", fail(contract.Finding{Path: "Dockerfile", Line: 1, Text: "no EXPOSE 8000"})),
		contract.Only("S1", contract.Verdict{Status: contract.Pass}),
	)
	c := &Check{Dir: "some/dir", URL: "http://localhost:8000", Baseline: "b.json"}
	c.Accept(results, map[string]string{"S6": "our own\x07", "S1": "x"}, contract.Baseline{
		{Rule: "S5", Path: "Dockerfile", Text: "known"}, {Rule: "S7", Path: "Dockerfile", Text: "known, too"}, {Rule: "S1", Text: "was\x1b"},
	})
	return c
}

// safe reports whether a terminal can show a text as it is: nothing in it moves the cursor or hides text.
func safe(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) < 0
}

func TestNothingHostileReachesTheTerminal(t *testing.T) {
	t.Parallel()
	for _, format := range Formats {
		for _, verbose := range []bool{false, true} {
			var out bytes.Buffer
			if err := odd().Print(output.New(&out, nil), output.New(io.Discard, nil), CheckFormat{Name: format, Verbose: verbose}); err != nil {
				t.Fatal(err)
			}
			if !safe(out.String()) {
				t.Errorf("%s: %q", format, out.String())
			}
		}
	}
}

func TestSARIF(t *testing.T) {
	t.Parallel()
	empty := &Check{Dir: "/abs olute"}
	empty.Accept(contract.Combine(contract.Only("S3", contract.Verdict{Status: contract.Fail, Findings: []contract.Finding{{Path: "Dockerfile", Text: "x"}}})), nil, nil)
	for name, c := range map[string]*Check{"odd": odd(), "absolute": empty} {
		var out bytes.Buffer
		if err := output.New(&out, nil).JSON(c.sarif("0.1.0")); err != nil {
			t.Fatal(err)
		}
		isReport(t, name+".sarif", out.String())
	}
}

// isReport compares a report with a file in testdata/check.
func isReport(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", "check", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s: go test ./cmd/report -update accepts this (-want +got):\n%s", name, diff)
	}
}

func TestSARIFSaysWhatCounts(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := output.New(&out, nil).JSON(odd().sarif("0.1.0")); err != nil {
		t.Fatal(err)
	}
	var log sarifLog
	if err := json.Unmarshal(out.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range log.Runs[0].Results {
		where := ""
		if p := r.Locations[0].Physical; p != nil {
			where = p.Artifact.URI
		}
		got = append(got, fmt.Sprint(r.RuleID, " ", log.Runs[0].Tool.Driver.Rules[r.RuleIndex].ID, " ", r.Level, " ", where, " ", len(r.Suppressions)))
	}
	want := []string{
		"S4 S4 error some/dir/a,b:c%250A%0A::error::x/Dockerfile 0",
		"S5 S5 error  0",
		"S5 S5 error some/dir/Dockerfile 1",
		"S6 S6 error some/dir/Dockerfile 1",
		"S7 S7 error some/dir/Dockerfile 1",
		"S10 S10 warning some/dir/Dockerfile 0",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestJUnitCounts(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := output.New(&out, nil).XML(odd().junit()); err != nil {
		t.Fatal(err)
	}
	var suites junitSuites
	if err := xml.Unmarshal(out.Bytes(), &suites); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	failures, skipped := 0, 0
	for _, c := range suites.Suite.Cases {
		if c.Failure != nil {
			failures++
		}
		if c.Skipped != nil {
			skipped++
		}
	}
	if len(suites.Suite.Cases) != len(contract.Rules) || suites.Tests != len(contract.Rules) || failures != 2 || suites.Failures != 2 || skipped != suites.Skipped {
		t.Errorf("%d cases, %d failures, %d skipped: %+v", len(suites.Suite.Cases), failures, skipped, suites)
	}
	if text := suites.Suite.Cases[4].Failure.Text; !strings.Contains(text, `]]><x a="&">`) {
		t.Errorf("S5: %q", text)
	}
}

// Each line that GitHub reads as a command is a complete command of ours.
func TestGitHubCommandsAreEscaped(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	odd().annotate(output.New(&out, nil))
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	want := `::error file=some/dir/a%2Cb%3Ac%250A\n%3A%3Aerror%3A%3Ax/Dockerfile,line=3,title=S4 (must) ENTRYPOINT and CMD%2C both in exec form%2C start the service.::` +
		`50%25 of\r\n::set-output name=x::\x1b[31m\u202e\x9b\xffred%0Afix: `
	if !strings.HasPrefix(lines[0], want) {
		t.Errorf("S4 is\n%s, want\n%s", lines[0], want)
	}
	if len(lines) != 5 || !strings.HasPrefix(lines[2], "::warning file=some/dir/Dockerfile,line=1,title=S10 ") || !strings.HasPrefix(lines[3], "::notice title=") {
		t.Errorf("%d lines, want two errors, a warning, a notice and a summary:\n%s", len(lines), out.String())
	}
}

func TestTextReport(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*textReport){
		"plain":   func(*textReport) {},
		"verbose": func(r *textReport) { r.verbose = true },
		"narrow":  func(r *textReport) { r.width = 60 },
		"colour":  func(r *textReport) { r.width = 80 },
	} {
		var out bytes.Buffer
		coloured := func(variable string) string { return map[string]string{"CLICOLOR_FORCE": "1"}[variable] }
		if name != "colour" {
			coloured = nil
		}
		c := odd()
		c.Fixable = 2
		c.Fixes = []fix.Fix{{Rule: "S9", Path: ".dockerignore", Says: ".git"}}
		r := newTextReport(output.New(&out, coloured), c, false)
		change(r)
		r.show()
		for line := range strings.SplitSeq(out.String(), "\n") {
			if w := ansi.StringWidth(line); r.width > 0 && w > r.width && strings.Contains(strings.TrimSpace(ansi.Strip(line)), " ") {
				t.Errorf("%s: a line is %d wide: %q", name, w, line)
			}
		}
		isReport(t, name+".txt", out.String())
	}
}
