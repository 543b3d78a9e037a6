package cmd

import (
	"slices"
	"strings"

	"dockerflow/cmd/report"
	"dockerflow/generator/contract"
	"dockerflow/generator/failure"
)

// listRules prints the table of rules, or the named rules in full.
func (o *checkOptions) listRules() error {
	if o.format != report.Text && o.format != report.JSON {
		return failure.New("", "--list: want --format text or json")
	}
	rules := contract.Rules
	if len(o.args) > 0 {
		rules = nil
	}
	for _, id := range o.args {
		i := slices.IndexFunc(contract.Rules, func(r contract.Rule) bool { return strings.EqualFold(r.ID, id) })
		if i < 0 {
			return failure.New("see dockerflow check --list", "no rule %q", id)
		}
		rules = append(rules, contract.Rules[i])
	}
	return report.Rules(o.env.Out, rules, o.format == report.JSON, len(o.args) > 0)
}
