package cmd

import (
	"bytes"
	"strings"

	"dockerflow/cmd/output"
	"dockerflow/cmd/report"
	"dockerflow/generator/merge"
	"dockerflow/generator/phrase"
	"dockerflow/generator/project"
	"dockerflow/generator/template"
)

// jsonUpdate is what update and adopt print with --json.
type jsonUpdate struct {
	Dir      string           `json:"dir"`
	Template string           `json:"template"`
	Source   string           `json:"source,omitempty"` // as --template takes it
	Commit   string           `json:"commit,omitempty"`
	From     int              `json:"from"` // the template's version that the project has, 0 for none
	To       int              `json:"to"`   // the template's version today
	Answers  template.Answers `json:"answers"`
	DryRun   bool             `json:"dry_run"`
	UpToDate bool             `json:"up_to_date"`
	Files    []jsonMerged     `json:"files"` // sorted by path
}

type jsonMerged struct {
	Path      string       `json:"path"`
	From      string       `json:"from,omitempty"` // where the file was
	Action    merge.Action `json:"action"`
	Why       string       `json:"why,omitempty"`
	Conflicts int          `json:"conflicts,omitempty"` // places that are marked
	Beside    string       `json:"beside,omitempty"`    // where the template's content is
	Diff      string       `json:"diff,omitempty"`      // unified, of what changes
}

func updateJSON(u *project.UpdatePlan, dryRun bool) jsonUpdate {
	r := jsonUpdate{Dir: u.Project.Dir, Template: u.Template.Name, Source: u.Template.Origin.String(), Commit: u.Template.Origin.Commit, To: u.Template.Version, Answers: u.Answers, DryRun: dryRun,
		UpToDate: u.UpToDate(), Files: []jsonMerged{}}
	if u.Project.Record != nil {
		r.From = u.Project.Record.Version
	}
	for _, f := range u.Merged {
		var text bytes.Buffer
		for _, e := range f.Edits() {
			unified(&text, e.Path, e.Old, e.New)
		}
		r.Files = append(r.Files, jsonMerged{f.Path, f.From, f.Action, f.Why, f.Conflicts, f.Beside, text.String()})
	}
	return r
}

func (o *updateOptions) report(u *project.UpdatePlan) error {
	if o.asJSON {
		return o.env.Out.JSON(updateJSON(u, o.dryRun || o.check))
	}
	w := o.env.Out
	switch {
	case o.dryRun:
		printPlan(o.env, u)
	case u.UpToDate():
		w.Line("%s: up to date with version %d of template %s", u.Project.Dir, u.Template.Version, u.Template.Name)
	case o.check:
		w.Line("%s: %s to change, and the record: template %s has version %d, the project %d", u.Project.Dir, phrase.Count(u.Changes(), "file"),
			u.Template.Name, u.Template.Version, u.Project.Record.Version)
	default:
		printDone(w, u)
	}
	return nil
}

// printPlan lists each path with its action, and shows what would change.
func printPlan(env Env, u *project.UpdatePlan) {
	for _, r := range u.Merged {
		printMerged(env.Out, r)
	}
	var all strings.Builder
	for _, e := range u.Edits {
		all.WriteByte('\n')
		unified(&all, e.Path, e.Old, e.New)
	}
	report.Patch(env.Out, env.Err, all.String())
}

func printDone(w *output.Stream, u *project.UpdatePlan) {
	w.Line("%s: at version %d of template %s, %s changed", u.Project.Dir, u.Template.Version, u.Template.Name, phrase.Count(u.Changes(), "file"))
	shown := 0
	for _, r := range u.Merged {
		if r.Action != merge.Conflict && r.Action != merge.Gone && len(r.Edits()) == 0 {
			continue
		}
		if shown++; shown <= printed || r.Action == merge.Conflict {
			printMerged(w, r)
		}
	}
	if shown > printed {
		w.Line("… and %d more", shown-printed)
	}
	if u.Project.InGit() && len(u.Conflicts()) == 0 {
		w.Line("\nNext: look at git diff, and commit")
	}
}

func printMerged(w *output.Stream, r merge.Merged) {
	says := r.Why
	switch r.Action {
	case merge.Deleted:
		says = "by you: it stays deleted"
	case merge.Gone:
		says = "from the template, but " + says + ": it stays"
	case merge.Remove:
		says = "the template no longer has it"
	}
	if r.From != "" {
		says = join(says, "was "+r.From)
	}
	if r.Beside != "" {
		says = join(says, "the template's is in "+r.Beside)
	}
	if says != "" {
		says = " (" + says + ")"
	}
	w.Line("%-9s  %s%s", r.Action, r.Path, says)
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}
