package report

import (
	"fmt"
	"strings"

	"dockerflow/cmd/output"
	"dockerflow/generator/contract"
	"dockerflow/generator/phrase"
)

// textReport prints a report for people.
type textReport struct {
	out     *output.Stream
	c       *Check
	verbose bool
	width   int // 0 for no wrapping
}

func (r *textReport) show() {
	r.printFixes()
	for _, level := range []contract.Level{contract.Must, contract.Should} {
		for _, j := range r.c.in(fails) {
			if j.Level == level {
				r.printFail(j)
			}
		}
	}
	r.printKnown()
	r.printIgnored()
	if r.verbose {
		r.printAll()
	} else {
		r.printUnseen()
	}
	r.printNotes()
	r.printSummary()
}

// printFail shows a failing rule: its findings, the fix and the source of the rule.
func (r *textReport) printFail(j contract.Judgement) {
	p := output.Red
	if !r.c.decides(j) {
		p = output.Yellow
	}
	r.head(p, "FAIL", j)
	for _, f := range j.Findings {
		r.line(output.Plain, 6, r.wrong(j.ID, f))
	}
	r.line(output.Plain, 6, "fix: "+j.Fix)
	r.line(output.Grey, 6, "from: "+from(j.Rule))
	r.blank()
}

// from returns the source of a rule, with its URL.
func from(rule contract.Rule) string {
	if rule.URL == "" {
		return rule.Source
	}
	return rule.Source + ": " + rule.URL
}

// wrong returns a finding as one line: the place and the text.
func (r *textReport) wrong(id string, f contract.Finding) string {
	at := r.c.place(f)
	if at == "" {
		at = r.c.subject(id)
	}
	if f.Line > 0 {
		at += fmt.Sprintf(":%d", f.Line)
	}
	return at + ": " + f.Text
}

func (r *textReport) printFixes() {
	if len(r.c.Fixes) == 0 {
		return
	}
	r.title(output.Green, "Fixed", "")
	for _, m := range r.c.Fixes {
		r.line(output.Plain, 6, fmt.Sprintf("%-3s  %s: %s", m.Rule, r.c.place(contract.Finding{Path: m.Path}), m.Says))
	}
	r.blank()
}

func (r *textReport) printKnown() {
	n := r.c.count().knownFindings
	if n == 0 {
		return
	}
	r.title(output.Bold, phrase.Count(n, "finding"), " in the baseline "+r.c.Baseline)
	for _, j := range r.c.Judged {
		for _, f := range j.Known {
			r.line(output.Plain, 6, fmt.Sprintf("%-3s  %s", j.ID, r.wrong(j.ID, f)))
		}
	}
	r.blank()
}

func (r *textReport) printIgnored() {
	all := r.c.in(ignored)
	if len(all) == 0 {
		return
	}
	r.title(output.Bold, "Ignored", "")
	for _, j := range all {
		r.line(output.Plain, 6, fmt.Sprintf("%-3s  %s (%s)", j.ID, j.Ignored, phrase.Count(len(j.Findings)+len(j.Known), "finding")))
	}
	r.blank()
}

// printUnseen lists the rules that are not checkable, grouped by reason.
func (r *textReport) printUnseen() {
	var reasons []string
	ids := map[string][]string{}
	for _, j := range r.c.in(notCheckable) {
		reason := r.reason(j)
		if ids[reason] == nil {
			reasons = append(reasons, reason)
		}
		ids[reason] = append(ids[reason], j.ID)
	}
	if len(reasons) == 0 {
		return
	}
	r.title(output.Bold, "Not checkable", "")
	for _, reason := range reasons {
		r.line(output.Grey, 6, strings.Join(ids[reason], " ")+": "+reason)
	}
	r.blank()
}

// reason returns why a rule is not checkable. Rules that need an input that was not given share one reason.
func (r *textReport) reason(j contract.Judgement) string {
	switch {
	case j.Note != "needs "+j.Needs:
	case j.ID[0] == 'L' && r.c.URL+r.c.Log+r.c.Image == "":
		return "these need a running service: add --url URL, --log FILE or --image REF"
	case j.ID[0] == 'S' && r.c.Dir == "" && j.InRepository():
		return "these need the repository: also name its folder"
	}
	return j.Note
}

// printAll shows each rule that passes, then each that is not checkable.
func (r *textReport) printAll() {
	for _, wanted := range []string{passes, notCheckable} {
		for _, j := range r.c.in(wanted) {
			if wanted == passes {
				r.head(output.Green, "pass", j)
			} else {
				r.head(output.Grey, "?", j)
			}
			if j.Note != "" {
				r.line(output.Grey, 6, j.Note)
			}
		}
		if len(r.c.in(wanted)) > 0 {
			r.blank()
		}
	}
}

func (r *textReport) printNotes() {
	for _, k := range r.c.Gone {
		at := r.c.place(contract.Finding{Path: k.Path})
		if at != "" {
			at += ": "
		}
		r.line(output.Plain, 0, fmt.Sprintf("note: fixed, but still in the baseline: %s %s%s", k.Rule, at, k.Text))
	}
	if len(r.c.Gone) > 0 {
		r.line(output.Plain, 0, "note: to shrink the baseline, run the same command with --write-baseline "+phrase.Quote(r.c.Baseline))
	}
	for _, note := range r.c.Notes {
		r.line(output.Plain, 0, "note: "+note)
	}
}

// printSummary prints the last lines of the report.
func (r *textReport) printSummary() {
	n := r.c.count()
	p := output.Green
	switch {
	case n.counting > 0:
		p = output.Red
	case n.should > 0:
		p = output.Yellow
	}
	r.line(p, 0, n.String())
	if r.c.Fixable > 0 {
		r.line(output.Plain, 0, fmt.Sprintf("dockerflow check --fix fixes %s; add --dry-run to preview the changes", phrase.Count(r.c.Fixable, "problem")))
	}
}

// String returns a summary of the report in one line.
func (n counts) String() string {
	failing := "no rule fails"
	switch sum := n.must + n.should; {
	case sum == 1:
		failing = fmt.Sprintf("1 rule fails (%d must, %d should)", n.must, n.should)
	case sum > 1:
		failing = fmt.Sprintf("%d rules fail (%d must, %d should)", sum, n.must, n.should)
	}
	s := fmt.Sprintf("%s, %d pass, %d not checkable", failing, n.pass, n.notCheckable)
	if n.ignored > 0 {
		s += fmt.Sprintf(", %d ignored", n.ignored)
	}
	if n.known > 0 {
		s += fmt.Sprintf(", %d only in the baseline", n.known)
	}
	return s
}
