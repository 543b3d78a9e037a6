package cmd

import (
	"fmt"
	"strings"

	"dockerflow/cmd/prompt"
	"dockerflow/generator/merge"
	"dockerflow/generator/phrase"
)

const (
	goOn       = "go"
	recordOnly = "record"
)

// preview renders the project with the current answers and returns the last question.
func (o *newOptions) preview(set *answerSet) (*prompt.Preview, error) {
	p, err := o.prepare(set)
	if err != nil {
		return nil, err
	}
	if err := o.maker.decide(p); err != nil {
		return nil, err
	}
	var names []string
	for _, c := range p.plan.Changes {
		if c.Action == merge.Create || c.Action == merge.Overwrite {
			names = append(names, c.Path)
		}
	}
	where := p.plan.Dir
	if where == "." {
		where = "this folder"
	}
	v := &prompt.Preview{Says: fmt.Sprintf("%s in %s: %s", phrase.Count(len(names), "file"), where, strings.Join(names, ", "))}
	if len(names) == 0 {
		v.Says = "All files are already in " + where
	}
	conflicts := p.plan.Conflicts()
	if len(conflicts) == 0 || o.maker.onConflict != "" {
		v.Decisions = []prompt.Decision{{Says: map[bool]string{false: "Write them", true: "Show what would be written"}[o.maker.dryRun], Action: goOn}, {Says: "Stop", Action: prompt.Stop}}
		return v, nil
	}
	var clash []string
	for _, c := range conflicts {
		clash = append(clash, c.Path+" "+c.Why)
	}
	v.Says = "Conflicts: " + strings.Join(clash, ", ")
	v.Decisions = []prompt.Decision{
		{Says: "Write the other files, and keep these", Action: string(merge.Skip)},
		{Says: "Write all files, and replace these", Action: string(merge.Overwrite)},
		{Says: "Stop", Action: prompt.Stop},
	}
	return v, nil
}
