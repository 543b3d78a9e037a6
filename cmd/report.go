package cmd

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"dockerflow/cmd/output"
	"dockerflow/cmd/report"
	"dockerflow/generator/apply"
	"dockerflow/generator/merge"
	"dockerflow/generator/phrase"
	"dockerflow/generator/template"
)

// report tells what happened, or with --dry-run what would.
func (o *newOptions) report(p *planned) error {
	if o.asJSON {
		return o.env.Out.JSON(o.jsonReport(p))
	}
	w := o.env.Out
	if o.dryRun || len(p.plan.Conflicts()) > 0 {
		o.printPlan(p.plan)
		return nil
	}
	printWritten(w, p.plan)
	printNext(w, p)
	if o.asked {
		w.Line("\nThe same again, without questions:\n  %s", o.commandLine(p))
	}
	return nil
}

// jsonReport is what --json prints.
type jsonReport struct {
	Dir      string           `json:"dir"`
	Template string           `json:"template"`
	Source   string           `json:"source,omitempty"` // as --template takes it
	Commit   string           `json:"commit,omitempty"`
	Answers  template.Answers `json:"answers"`
	DryRun   bool             `json:"dry_run"`
	Files    []jsonFile       `json:"files"` // sorted by path
}

type jsonFile struct {
	Path   string       `json:"path"`
	Action merge.Action `json:"action"`
	Mode   string       `json:"mode"`          // octal: 0644 or 0755
	Size   int          `json:"size"`          // bytes
	Why    string       `json:"why,omitempty"` // what stands in the way
}

func (o *newOptions) jsonReport(p *planned) jsonReport {
	r := jsonReport{p.plan.Dir, p.template.Name, p.template.Origin.String(), p.template.Origin.Commit, p.answers, o.dryRun, []jsonFile{}}
	for _, c := range p.plan.Changes {
		r.Files = append(r.Files, jsonFile{c.Path, c.Action, fmt.Sprintf("%#o", c.File.Mode.Perm()), len(c.File.Data), c.Why})
	}
	return r
}

// printPlan lists each path with its action, and shows how files in the way differ.
func (o *newOptions) printPlan(p *apply.Plan) {
	for _, c := range p.Changes {
		if c.Action == merge.Conflict || o.dryRun {
			o.env.Out.Line("%-9s  %s%s", c.Action, c.Path, because(c))
		}
	}
	if !o.dryRun {
		return
	}
	var all strings.Builder
	for _, c := range p.Changes {
		if c.Old != nil && c.Action != merge.Identical {
			fmt.Fprintf(&all, "\n%s", diff.Diff(c.Path, c.Old, c.Path+" (new)", c.File.Data))
		}
	}
	report.Patch(o.env.Out, o.env.Err, all.String())
}

func because(c apply.Change) string {
	if c.Why == "" {
		return ""
	}
	return " (" + c.Why + ")"
}

// printed bounds the list of paths that a report shows.
const printed = 60

// counted is a plan in one line.
func counted(p *apply.Plan, written string) string {
	count := map[merge.Action]int{}
	for _, c := range p.Changes {
		count[c.Action]++
	}
	s := fmt.Sprintf("%s: %s %s", p.Dir, phrase.Count(count[merge.Create]+count[merge.Overwrite], "file"), written)
	for _, a := range []struct {
		merge.Action
		says string
	}{{merge.Identical, "already there"}, {merge.Skip, "left as they were"}} {
		if n := count[a.Action]; n > 0 {
			s += fmt.Sprintf(", %d %s", n, a.says)
		}
	}
	return s
}

func printWritten(w *output.Stream, p *apply.Plan) {
	w.Line("%s", counted(p, "written"))
	for i, c := range p.Changes {
		if i == printed {
			w.Line("  … and %d more", len(p.Changes)-printed)
			break
		}
		if c.Action == merge.Create || c.Action == merge.Overwrite {
			w.Line("  %s", c.Path)
		}
	}
}

func printNext(w *output.Stream, p *planned) {
	w.Line("\nNext:")
	if p.plan.Dir != "." {
		w.Line("  cd %s", phrase.Folder(p.plan.Dir))
	}
	for _, command := range p.template.Next {
		w.Line("  %s", command)
	}
}

// commandLine is the run as one command: what differs from the defaults, and --yes for the rest.
func (o *newOptions) commandLine(p *planned) string {
	words := []string{"dockerflow", "new", phrase.Folder(p.plan.Dir), "--template", templateWord(p.template)}
	given := map[string]string{}
	pristine := named(o.pristine, p.template.Name)
	for _, q := range pristine.Questions {
		s := fmt.Sprint(p.answers[q.Name])
		switch {
		case !q.Required && s == pristine.Suggest(q, given) && !o.config.has(q.Name):
		case q.Type == "bool": // its value is optional, and has to be in the same word
			words = append(words, "--"+q.Name+"="+s)
		default:
			words = append(words, "--"+q.Name, phrase.Quote(s))
		}
		given[q.Name] = s
	}
	if o.onConflict != "" {
		words = append(words, "--on-conflict", o.onConflict)
	}
	if o.noGit {
		words = append(words, "--no-git")
	}
	return strings.Join(append(words, "--yes"), " ")
}

// templateWord is a template as --template takes it.
func templateWord(t *template.Template) string {
	if t.Origin.Source != "" {
		return phrase.Quote(t.Origin.String())
	}
	return t.Name
}

// sorted are the keys of a map in order.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
