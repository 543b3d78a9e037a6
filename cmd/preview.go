package cmd

import (
	"fmt"
	"maps"
	"strings"

	"dockerflow/generator/merge"
	"dockerflow/generator/phrase"
)

// preview is what the last question is asked about.
type preview struct {
	says      string
	decisions []decision
}

// decision is one way to go on.
type decision struct {
	says   string
	action string // go, skip, overwrite, record or stop
}

const (
	goOn       = "go"
	stop       = "stop"
	recordOnly = "record"
)

// preview renders the project with what is answered so far, and words the last question.
func (o *newOptions) preview(given map[string]string) (*preview, error) {
	with := *o
	with.given = given
	p, err := with.prepare()
	if err != nil {
		return nil, err
	}
	if err := with.decide(p); err != nil {
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
	v := &preview{says: fmt.Sprintf("%s in %s: %s", phrase.Count(len(names), "file"), where, strings.Join(names, ", "))}
	if len(names) == 0 {
		v.says = "All files are in " + where + " already"
	}
	conflicts := p.plan.Conflicts()
	if len(conflicts) == 0 || o.onConflict != "" {
		v.decisions = []decision{{map[bool]string{false: "Write them", true: "Show what would be written"}[o.dryRun], goOn}, {"Stop", stop}}
		return v, nil
	}
	var clash []string
	for _, c := range conflicts {
		clash = append(clash, c.Path+" "+c.Why)
	}
	v.says = "In the way: " + strings.Join(clash, ", ")
	v.decisions = []decision{
		{"Write the others, and leave these as they are", string(merge.Skip)},
		{"Write all, and replace these", string(merge.Overwrite)},
		{"Stop", stop},
	}
	return v, nil
}

// decided takes what was answered.
func (o *newOptions) decided(given map[string]string, action string) error {
	switch action {
	case stop:
		return errInterrupted
	case string(merge.Skip), string(merge.Overwrite):
		o.onConflict = action
	case recordOnly:
		o.recordOnly = true
	}
	maps.Copy(o.given, given)
	return nil
}
