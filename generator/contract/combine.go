package contract

import (
	"slices"
	"strings"
)

// Combine merges several reports, such as those on a repository and on its running service. A rule fails if one report
// fails it, passes if one passes it and none fails it, and is otherwise not checkable, with all reasons.
func Combine(reports ...[]Result) []Result {
	all := make([]Result, 0, len(Rules))
	for _, rule := range Rules {
		var parts []Verdict
		for _, report := range reports {
			for _, r := range report {
				if r.ID == rule.ID {
					parts = append(parts, r.Verdict)
				}
			}
		}
		all = append(all, Result{rule, combine(rule, parts)})
	}
	return all
}

// Only returns a report on one rule, for Combine.
func Only(id string, v Verdict) []Result {
	for _, rule := range Rules {
		if rule.ID == id {
			return []Result{{rule, v}}
		}
	}
	return nil
}

func combine(rule Rule, parts []Verdict) Verdict {
	all := Verdict{}
	for _, p := range parts {
		all.Status = max(all.Status, p.Status) // in this order: not checkable, pass, fail
	}
	var notes []string
	needs := unknown("needs " + rule.Needs).Note
	for _, p := range parts {
		if p.Status != all.Status {
			continue
		}
		for _, f := range p.Findings {
			if !slices.Contains(all.Findings, f) {
				all.Findings = append(all.Findings, f)
			}
		}
		if p.Note != "" && p.Note != needs && !slices.Contains(notes, p.Note) {
			notes = append(notes, p.Note)
		}
	}
	if all.Note = strings.Join(notes, "; "); all.Note == "" && all.Status == NotCheckable {
		all.Note = needs
	}
	return all
}

// InRepository reports whether a repository can show that the rule is kept.
func (r Rule) InRepository() bool { return r.repo != nil }
