package cmd

import (
	"fmt"
	"slices"
	"strings"

	"dockerflow/cmd/output"
	"dockerflow/generator/contract"
	"dockerflow/generator/failure"
)

// listRules prints the table, or all that it has on some rules.
func (o *checkOptions) listRules() error {
	if o.format != asText && o.format != asJSON {
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
	if o.format == asJSON {
		list := []ruleJSON{}
		for _, r := range rules {
			list = append(list, asRuleJSON(r))
		}
		return o.env.Out.JSON(list)
	}
	text := newTextReport(o.env.Out, nil, false)
	for i, r := range rules {
		j := contract.Judgement{Result: contract.Result{Rule: r}}
		if len(o.args) == 0 {
			text.head(output.Plain, r.ID, j)
			continue
		}
		if i > 0 {
			text.blank()
		}
		text.line(output.Bold, 0, r.ID+" ("+string(r.Level)+") "+r.Says)
		for _, part := range [][2]string{{"from", from(r)}, {"seen in", r.Needs}, {"fix", r.Fix}} {
			text.line(output.Plain, 2, fmt.Sprintf("%s: %s", part[0], part[1]))
		}
	}
	return nil
}
