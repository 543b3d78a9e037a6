package report

import (
	"fmt"

	"dockerflow/cmd/output"
	"dockerflow/generator/contract"
	"dockerflow/generator/phrase"
)

// annotate prints an annotation for each finding, an error if it makes the run fail and a warning otherwise. One notice
// lists everything else.
func (c *Check) annotate(out *output.Stream) {
	for _, j := range c.in(fails) {
		level := "warning"
		if c.decides(j) {
			level = "error"
		}
		for _, f := range j.Findings {
			out.Annotate(c.annotation(level, j, f))
		}
	}
	var unseen []string
	for _, j := range c.Judged {
		switch state(j) {
		case ignored:
			unseen = append(unseen, j.ID+" is ignored: "+j.Ignored)
		case known:
			unseen = append(unseen, fmt.Sprintf("%s: %s in the baseline", j.ID, phrase.Count(len(j.Known), "finding")))
		case notCheckable:
			unseen = append(unseen, j.ID+" is not checkable: "+j.Note)
		}
	}
	for _, k := range c.Gone {
		unseen = append(unseen, fmt.Sprintf("fixed, but still in the baseline: %s %s %s", k.Rule, k.Path, k.Text))
	}
	unseen = append(unseen, c.Notes...)
	if len(unseen) > 0 {
		out.Annotate(output.Annotation{Level: "notice", Title: "dockerflow check", Lines: unseen})
	}
	out.Line("dockerflow check: %s", c.count())
}

func (c *Check) annotation(level string, j contract.Judgement, f contract.Finding) output.Annotation {
	text := f.Text
	if c.place(f) == "" {
		text = c.subject(j.ID) + ": " + text
	}
	return output.Annotation{
		Level: level, File: c.place(f), Line: f.Line, Title: fmt.Sprintf("%s (%s) %s", j.ID, j.Level, j.Says), Lines: []string{text, "fix: " + j.Fix},
	}
}
