package report

import (
	"dockerflow/cmd/output"
	"dockerflow/generator/contract"
)

// Rules lists rules, one per line or with full details.
func Rules(out *output.Stream, rules []contract.Rule, asJSON, full bool) error {
	if asJSON {
		list := []ruleJSON{}
		for _, r := range rules {
			list = append(list, asRuleJSON(r))
		}
		return out.JSON(list)
	}
	text := newTextReport(out, nil, false)
	for i, r := range rules {
		if !full {
			text.head(output.Plain, r.ID, contract.Judgement{Result: contract.Result{Rule: r}})
			continue
		}
		if i > 0 {
			text.blank()
		}
		text.line(output.Bold, 0, r.ID+" ("+string(r.Level)+") "+r.Says)
		for _, part := range [][2]string{{"from", from(r)}, {"needs", r.Needs}, {"fix", r.Fix}} {
			text.line(output.Plain, 2, part[0]+": "+part[1])
		}
	}
	return nil
}
