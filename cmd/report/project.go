package report

import (
	"fmt"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"dockerflow/cmd/output"
	"dockerflow/generator/apply"
	"dockerflow/generator/merge"
	"dockerflow/generator/phrase"
	"dockerflow/generator/template"
)

// Project is a new project that was written, or would be.
type Project struct {
	Template *template.Template
	Answers  template.Answers
	Plan     *apply.Plan
	DryRun   bool   // nothing was written: show what would be
	Again    string // the command that repeats the run without questions, or ""
}

// Print prints what was written, or the conflicts, to out, and notes to notes.
func (p *Project) Print(out, notes *output.Stream, asJSON bool) error {
	if asJSON {
		return out.JSON(p.Made())
	}
	if p.DryRun || len(p.Plan.Conflicts()) > 0 {
		p.printPlan(out, notes)
		return nil
	}
	p.printWritten(out)
	p.printNext(out)
	if p.Again != "" {
		out.Line("\nTo repeat this without questions:\n  %s", p.Again)
	}
	return nil
}

// Made is what --json prints about a project. It does not keep the files' contents.
type Made struct {
	Dir      string           `json:"dir"`
	Template string           `json:"template"`
	Source   string           `json:"source,omitempty"` // in the form that --template accepts
	Commit   string           `json:"commit,omitempty"`
	Answers  template.Answers `json:"answers"`
	DryRun   bool             `json:"dry_run"`
	Files    []madeFile       `json:"files"` // sorted by path
}

// madeFile is a file of a project.
type madeFile struct {
	Path   string       `json:"path"`
	Action merge.Action `json:"action"`
	Mode   string       `json:"mode"`          // in octal: 0644 or 0755
	Size   int          `json:"size"`          // in bytes
	Why    string       `json:"why,omitempty"` // the reason for a conflict
}

// Made returns what --json prints about the project.
func (p *Project) Made() *Made {
	m := &Made{p.Plan.Dir, p.Template.Name, p.Template.Origin.String(), p.Template.Origin.Commit, p.Answers, p.DryRun, []madeFile{}}
	for _, c := range p.Plan.Changes {
		m.Files = append(m.Files, madeFile{c.Path, c.Action, fmt.Sprintf("%#o", c.File.Mode.Perm()), len(c.File.Data), c.Why})
	}
	return m
}

// printPlan lists each path with its action. In a dry run it also prints the diff of existing files.
func (p *Project) printPlan(out, notes *output.Stream) {
	for _, c := range p.Plan.Changes {
		if c.Action == merge.Conflict || p.DryRun {
			out.Line("%-9s  %s%s", c.Action, c.Path, because(c))
		}
	}
	if !p.DryRun {
		return
	}
	var all strings.Builder
	for _, c := range p.Plan.Changes {
		if c.Old != nil && c.Action != merge.Identical {
			fmt.Fprintf(&all, "\n%s", diff.Diff(c.Path, c.Old, c.Path+" (new)", c.File.Data))
		}
	}
	patch(out, notes, all.String())
}

func because(c apply.Change) string {
	if c.Why == "" {
		return ""
	}
	return " (" + c.Why + ")"
}

// printed limits the number of paths that a report lists.
const printed = 60

// Summary describes the result in one line.
func (p *Project) Summary() string {
	count := map[merge.Action]int{}
	for _, c := range p.Plan.Changes {
		count[c.Action]++
	}
	written := "written"
	if p.DryRun {
		written = "to write"
	}
	s := fmt.Sprintf("%s: %s %s", p.Plan.Dir, phrase.Count(count[merge.Create]+count[merge.Overwrite], "file"), written)
	for _, a := range []struct {
		merge.Action
		says string
	}{{merge.Identical, "already there"}, {merge.Skip, "left unchanged"}} {
		if n := count[a.Action]; n > 0 {
			s += fmt.Sprintf(", %d %s", n, a.says)
		}
	}
	return s
}

func (p *Project) printWritten(out *output.Stream) {
	out.Line("%s", p.Summary())
	for i, c := range p.Plan.Changes {
		if i == printed {
			out.Line("  … and %d more", len(p.Plan.Changes)-printed)
			break
		}
		if c.Action == merge.Create || c.Action == merge.Overwrite {
			out.Line("  %s", c.Path)
		}
	}
}

func (p *Project) printNext(out *output.Stream) {
	out.Line("\nNext:")
	if p.Plan.Dir != "." {
		out.Line("  cd %s", phrase.Folder(p.Plan.Dir))
	}
	for _, command := range p.Template.Next {
		out.Line("  %s", command)
	}
}
