package contract

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCombine(t *testing.T) {
	t.Parallel()
	a, b := Finding{Path: "Dockerfile", Line: 3, Text: "a"}, Finding{Text: "b"}
	failed := func(f ...Finding) Verdict { return Verdict{Status: Fail, Findings: f} }
	needs := unknown("needs the Dockerfile")
	for _, c := range []struct {
		name  string
		parts []Verdict
		want  Verdict
	}{
		{"nothing was asked", nil, needs},
		{"a fail stands against a pass", []Verdict{{Status: Pass, Note: "x"}, failed(a)}, failed(a)},
		{"a pass does not take back a fail", []Verdict{failed(a), {Status: Pass}}, failed(a)},
		{"all findings, each once", []Verdict{failed(a), failed(b, a)}, failed(a, b)},
		{"a pass decides what others cannot", []Verdict{unknown("x"), {Status: Pass, Note: "y"}}, Verdict{Status: Pass, Note: "y"}},
		{"the reasons that say more than what it takes", []Verdict{needs, unknown("x"), unknown("y"), unknown("x")}, unknown("x; y")},
		{"what it takes, where that is all", []Verdict{needs, needs}, needs},
	} {
		var reports [][]Result
		for _, p := range c.parts {
			reports = append(reports, Only("S3", p))
		}
		got := Combine(reports...)
		if len(got) != len(Rules) {
			t.Fatalf("%s: %d results, want one for each rule", c.name, len(got))
		}
		for i, r := range got {
			want := c.want
			if r.ID != Rules[i].ID {
				t.Errorf("%s: %s stands where %s should", c.name, r.ID, Rules[i].ID)
			}
			if r.ID != "S3" {
				want = unknown("needs " + r.Needs)
			}
			if diff := cmp.Diff(want, r.Verdict); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", c.name, r.ID, diff)
			}
		}
	}
	if Only("S99", needs) != nil {
		t.Error("a report on a rule that does not exist")
	}
}
