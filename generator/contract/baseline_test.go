package contract

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func brokenRule(id string, found ...Finding) Result {
	return Only(id, Verdict{Status: Fail, Findings: found})[0]
}

func TestBaseline(t *testing.T) {
	t.Parallel()
	no, moved := Finding{"Dockerfile", 3, "no"}, Finding{"Dockerfile", 9, "no"}
	live := Finding{Text: "GET fails"}
	before := []Result{brokenRule("S4", no, no), brokenRule("L2", live), Only("S5", Verdict{Status: Pass})[0]}
	text, err := NewBaseline(before).Format()
	if err != nil {
		t.Fatal(err)
	}
	known, err := ReadBaseline(text)
	if err != nil {
		t.Fatal(err)
	}
	want := Baseline{{"L2", "", "GET fails", 0}, {"S4", "Dockerfile", "no", 2}}
	if diff := cmp.Diff(want, known); diff != "" {
		t.Errorf("what it holds (-want +got):\n%s", diff)
	}
	for _, c := range []struct {
		name  string
		now   []Result
		fails int
		gone  Baseline
	}{
		{"the same again", before, 0, nil},
		{"lines moved", []Result{brokenRule("S4", moved, no), brokenRule("L2", live)}, 0, nil},
		{"once more than before", []Result{brokenRule("S4", moved, no, no), brokenRule("L2", live)}, 1, nil},
		{"in another file", []Result{brokenRule("S4", no, Finding{"other", 3, "no"}), brokenRule("L2", live)}, 1, Baseline{{"S4", "Dockerfile", "no", 0}}},
		{"by another rule", []Result{brokenRule("S4", no, no), brokenRule("L3", live), brokenRule("L2", live)}, 1, nil},
		{"fixed", []Result{Only("S4", Verdict{Status: Pass})[0], brokenRule("L2", live)}, 0, Baseline{{"S4", "Dockerfile", "no", 2}}},
		{"not looked at", []Result{brokenRule("S4", no, no), Only("L2", unknown("x"))[0]}, 0, nil},
		{"of a rule that is no more", []Result{brokenRule("S4", no, no)}, 0, Baseline{{"L2", "", "GET fails", 0}}},
	} {
		judged, gone := Accept(c.now, nil, known)
		fails := 0
		for _, j := range judged {
			if j.Fails() {
				fails += len(j.Findings)
			}
		}
		if fails != c.fails {
			t.Errorf("%s: %d findings count, want %d: %v", c.name, fails, c.fails, judged)
		}
		if diff := cmp.Diff(c.gone, gone); diff != "" {
			t.Errorf("%s: gone (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestIgnoredNeverPasses(t *testing.T) {
	t.Parallel()
	judged, _ := Accept([]Result{brokenRule("S4", Finding{Text: "no"})}, map[string]string{"S4": "why"}, nil)
	if j := judged[0]; j.Fails() || j.Status != Fail || j.Ignored != "why" || len(j.Findings) != 1 {
		t.Errorf("%+v", j)
	}
}

func TestBaselineIsRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                            "it is not a baseline: EOF",
		"# My project\n":              "it is not a baseline: ",
		`{"name": "x"}`:               `it is not a baseline: json: unknown field "name"`,
		`{}`:                          "it is not a baseline",
		`{"dockerflow_baseline": 2}`:  "baseline version 2 is not supported: want version 1",
		`{"dockerflow_baseline": "1"`: "it is not a baseline: ",
		`[]`:                          "it is not a baseline: ",
	} {
		if _, err := ReadBaseline([]byte(text)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
}
