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

// Update is the result of an update or adoption, or its preview.
type Update struct {
	Dir      string
	Template *template.Template
	From     int // the project's version of the template, 0 for none
	Answers  template.Answers
	Merged   []merge.Merged // sorted by path
	Edits    []merge.Edit   // of the merged files and of the record
	Changed  int            // number of merged files that change or need the user
	UpToDate bool           // there is nothing to do
	Git      bool           // the project is in a repository

	Adopt  bool // the project had no record
	DryRun bool // nothing was written: show what would be
	Check  bool // nothing was written: say whether anything would be
}

// Print prints the result to out, and notes to notes.
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
		out.Line("%s: %s to change, plus the record: template %s is at version %d, the project at %d", u.Dir, phrase.Count(u.Changed, "file"),
			u.Template.Name, u.Template.Version, u.From)
	default:
		u.printDone(out)
	}
	return nil
}

// updateJSON is the output of update --json and adopt --json.
type updateJSON struct {
	Dir      string           `json:"dir"`
	Template string           `json:"template"`
	Source   string           `json:"source,omitempty"` // in the form that --template accepts
	Commit   string           `json:"commit,omitempty"`
	From     int              `json:"from"` // the project's version of the template, 0 for none
	To       int              `json:"to"`   // the template's current version
	Answers  template.Answers `json:"answers"`
	DryRun   bool             `json:"dry_run"`
	UpToDate bool             `json:"up_to_date"`
	Files    []mergedJSON     `json:"files"` // sorted by path
}

type mergedJSON struct {
	Path      string       `json:"path"`
	From      string       `json:"from,omitempty"` // the file's old path
	Action    merge.Action `json:"action"`
	Why       string       `json:"why,omitempty"`
	Conflicts int          `json:"conflicts,omitempty"` // number of marked conflicts
	Beside    string       `json:"beside,omitempty"`    // the path of the template's version
	Diff      string       `json:"diff,omitempty"`      // a unified diff of the changes
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

// printPlan lists each path with its action and prints the diff.
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

// printNext suggests a review and a commit, unless there are conflicts to resolve first.
func (u *Update) printNext(out *output.Stream, command string) {
	if u.Git && !slices.ContainsFunc(u.Merged, func(r merge.Merged) bool { return r.Action == merge.Conflict }) {
		out.Line("\nNext: review %s, then commit", command)
	}
}

func printMerged(w *output.Stream, r merge.Merged) {
	says := r.Why
	switch r.Action {
	case merge.Deleted:
		says = "by you; it stays deleted"
	case merge.Gone:
		says = "from the template, but " + says + "; it stays"
	case merge.Remove:
		says = "the template no longer has it"
	}
	if r.From != "" {
		says = join(says, "was "+r.From)
	}
	if r.Beside != "" {
		says = join(says, "the template's version is in "+r.Beside)
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
