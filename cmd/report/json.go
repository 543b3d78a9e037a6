package report

import (
	"strings"

	"dockerflow/generator/contract"
)

// checkJSON is the output of check --format json.
type checkJSON struct {
	OK       bool          `json:"ok"` // the exit code is 0
	Dir      string        `json:"dir,omitempty"`
	URL      string        `json:"url,omitempty"`
	Log      string        `json:"log,omitempty"`
	Image    string        `json:"image,omitempty"`
	Strict   bool          `json:"strict"`
	Summary  summaryJSON   `json:"summary"`
	Rules    []judgedJSON  `json:"rules"` // all rules, in the table's order
	Baseline *baselineJSON `json:"baseline,omitempty"`
	Fixes    []fixJSON     `json:"fixes,omitempty"` // with --fix
	Notes    []string      `json:"notes,omitempty"`
}

type summaryJSON struct {
	MustFail     int `json:"must_fail"`
	ShouldFail   int `json:"should_fail"`
	Pass         int `json:"pass"`
	NotCheckable int `json:"not_checkable"`
	Ignored      int `json:"ignored"`
	Known        int `json:"known"`
}

// ruleJSON is a rule of the table.
type ruleJSON struct {
	ID     string `json:"id"`
	Level  string `json:"level"`
	Says   string `json:"says"`
	Source string `json:"source"`
	URL    string `json:"url,omitempty"` // the section in the specification
	Needs  string `json:"needs"`
	Fix    string `json:"fix"`
}

type judgedJSON struct {
	ruleJSON
	Status   string        `json:"status"`
	Note     string        `json:"note,omitempty"`   // why it is not checkable, or the limits of a pass
	Reason   string        `json:"reason,omitempty"` // why it is ignored
	Findings []findingJSON `json:"findings"`
}

type findingJSON struct {
	Path  string `json:"path,omitempty"` // relative to dir
	Line  int    `json:"line,omitempty"`
	Text  string `json:"text"`
	Known bool   `json:"known,omitempty"` // in the baseline
}

type baselineJSON struct {
	File string            `json:"file"`
	Gone contract.Baseline `json:"gone"` // entries that are no longer found
}

type fixJSON struct {
	Rule    string `json:"rule"`
	Path    string `json:"path"`
	Text    string `json:"text"`
	Applied bool   `json:"applied"`
}

func asRuleJSON(r contract.Rule) ruleJSON {
	return ruleJSON{r.ID, string(r.Level), r.Says, r.Source, r.URL, r.Needs, r.Fix}
}

func (c *Check) json() checkJSON {
	n := c.count()
	report := checkJSON{
		OK: !c.Fails(), Dir: c.Dir, URL: c.URL, Log: c.Log, Image: c.Image, Strict: c.Strict,
		Summary: summaryJSON{n.must, n.should, n.pass, n.notCheckable, n.ignored, n.known},
		Notes:   c.Notes,
	}
	for _, j := range c.Judged {
		rule := judgedJSON{asRuleJSON(j.Rule), strings.ReplaceAll(state(j), " ", "_"), j.Note, "", []findingJSON{}}
		if rule.Status == ignored {
			rule.Reason = j.Ignored
		}
		for _, f := range j.Findings {
			rule.Findings = append(rule.Findings, findingJSON{f.Path, f.Line, f.Text, false})
		}
		for _, f := range j.Known {
			rule.Findings = append(rule.Findings, findingJSON{f.Path, f.Line, f.Text, true})
		}
		report.Rules = append(report.Rules, rule)
	}
	if c.Baseline != "" {
		report.Baseline = &baselineJSON{c.Baseline, append(contract.Baseline{}, c.Gone...)}
	}
	for _, m := range c.Fixes {
		report.Fixes = append(report.Fixes, fixJSON{m.Rule, m.Path, m.Says, c.Fixed})
	}
	return report
}
