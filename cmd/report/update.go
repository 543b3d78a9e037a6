package report

import (
	"bytes"
	"slices"
	"strings"

	"dockerflow/cmd/output"
	"dockerflow/generator/merge"
	"dockerflow/generator/phrase"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
)

// Update is what update or adopt has done to a project, or would do.
type Update struct {
	Dir      string
	Template *template.Template
	From     int // the template's version that the project has, 0 for none
	Answers  template.Answers
	Merged   []merge.Merged // sorted by path
	Edits    []merge.Edit   // of Merged, and of the record
	Changed  int            // how many of Merged are changed, or need the user
	UpToDate bool           // nothing is to do
	Git      bool           // the project is in a repository

	Adopt  bool // the project had no record
	DryRun bool // nothing is written: show what would be
	Check  bool // nothing is written: say whether something would be
}

// Print prints what was done. Notes go to a stream of their own.
func (u *Update) Print(out, notes *output.Stream, asJSON bool) error {
	switch {
	case asJSON:
		return out.JSON(u.json())
	case u.DryRun:
		u.printPlan(out, notes)
	case u.Adopt:
		u.printAdopted(out)
	case u.UpToDate:
		out.Line("%s: up to date with version %d of template %s", u.Dir, u.Template.Version, u.Template.Name)
	case u.Check:
		out.Line("%s: %s to change, and the record: template %s has version %d, the project %d", u.Dir, phrase.Count(u.Changed, "file"),
			u.Template.Name, u.Template.Version, u.From)
	default:
		u.printDone(out)
	}
	return nil
}

// updateJSON is what update and adopt print with --json.
type updateJSON struct {
	Dir      string           `json:"dir"`
	Template string           `json:"template"`
	Source   string           `json:"source,omitempty"` // as --template takes it
	Commit   string           `json:"commit,omitempty"`
	From     int              `json:"from"` // the template's version that the project has, 0 for none
	To       int              `json:"to"`   // the template's version today
	Answers  template.Answers `json:"answers"`
	DryRun   bool             `json:"dry_run"`
	UpToDate bool             `json:"up_to_date"`
	Files    []mergedJSON     `json:"files"` // sorted by path
}

type mergedJSON struct {
	Path      string       `json:"path"`
	From      string       `json:"from,omitempty"` // where the file was
	Action    merge.Action `json:"action"`
	Why       string       `json:"why,omitempty"`
	Conflicts int          `json:"conflicts,omitempty"` // places that are marked
	Beside    string       `json:"beside,omitempty"`    // where the template's content is
	Diff      string       `json:"diff,omitempty"`      // unified, of what changes
}

func (u *Update) json() updateJSON {
	t := u.Template
	all := updateJSON{
		Dir: u.Dir, Template: t.Name, Source: t.Origin.String(), Commit: t.Origin.Commit, From: u.From, To: t.Version,
		Answers: u.Answers, DryRun: u.DryRun || u.Check, UpToDate: u.UpToDate, Files: []mergedJSON{},
	}
	for _, f := range u.Merged {
		var text bytes.Buffer
		for _, e := range f.Edits() {
			unified(&text, e.Path, e.Old, e.New)
		}
		all.Files = append(all.Files, mergedJSON{f.Path, f.From, f.Action, f.Why, f.Conflicts, f.Beside, text.String()})
	}
	return all
}

// printPlan lists each path with its action, and shows what would change.
func (u *Update) printPlan(out, notes *output.Stream) {
	for _, r := range u.Merged {
		printMerged(out, r)
	}
	var all strings.Builder
	for _, e := range u.Edits {
		all.WriteByte('\n')
		unified(&all, e.Path, e.Old, e.New)
	}
	patch(out, notes, all.String())
}

func (u *Update) printDone(out *output.Stream) {
	out.Line("%s: at version %d of template %s, %s changed", u.Dir, u.Template.Version, u.Template.Name, phrase.Count(u.Changed, "file"))
	shown := 0
	for _, r := range u.Merged {
		if r.Action != merge.Conflict && r.Action != merge.Gone && len(r.Edits()) == 0 {
			continue
		}
		if shown++; shown <= printed || r.Action == merge.Conflict {
			printMerged(out, r)
		}
	}
	if shown > printed {
		out.Line("… and %d more", shown-printed)
	}
	u.printNext(out, "git diff")
}

func (u *Update) printAdopted(out *output.Stream) {
	out.Line("%s: adopted as version %d of template %s", u.Dir, u.Template.Version, u.Template.Name)
	for _, r := range u.Merged {
		if r.Action == merge.Conflict || len(r.Edits()) > 0 {
			printMerged(out, r)
		}
	}
	out.Line("%-9s  %s", merge.Create, tree.RecordFile)
	u.printNext(out, "git status")
}

// printNext says what to look at before a commit, where nothing has to be decided before.
func (u *Update) printNext(out *output.Stream, command string) {
	if u.Git && !slices.ContainsFunc(u.Merged, func(r merge.Merged) bool { return r.Action == merge.Conflict }) {
		out.Line("\nNext: look at %s, and commit", command)
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
