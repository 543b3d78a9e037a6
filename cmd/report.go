package cmd

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"dockerflow/cmd/report"
	"dockerflow/generator/phrase"
	"dockerflow/generator/template"
)

// report prints what the run did, or with --dry-run would do.
func (o *newOptions) report(p *planned) error {
	made := o.maker.made(p)
	if o.set.asked {
		made.Again = o.commandLine(p)
	}
	return made.Print(o.env.Out, o.env.Err, o.asJSON)
}

// made returns the report of p.
func (m *maker) made(p *planned) *report.Project {
	return &report.Project{Template: p.template, Answers: p.answers, Plan: p.plan, DryRun: m.dryRun}
}

// commandLine returns the command that repeats the run without prompts: flags for answers that differ from the
func (o *newOptions) commandLine(p *planned) string {
	words := []string{"dockerflow", "new", phrase.Folder(p.plan.Dir), "--template", templateWord(p.template)}
	given := map[string]string{}
	pristine := template.Named(o.set.pristine, p.template.Name)
	for _, q := range pristine.Questions {
		s := fmt.Sprint(p.answers[q.Name])
		switch {
		case !q.Required && s == pristine.Suggest(q, given) && !o.set.config.Has(q.Name):
		case q.Type == "bool": // its value is optional, so it must follow an equals sign
			words = append(words, "--"+q.Name+"="+s)
		default:
			words = append(words, "--"+q.Name, phrase.Quote(s))
		}
		given[q.Name] = s
	}
	if o.maker.onConflict != "" {
		words = append(words, "--on-conflict", o.maker.onConflict)
	}
	if o.maker.noGit {
		words = append(words, "--no-git")
	}
	return strings.Join(append(words, "--yes"), " ")
}

// templateWord returns the value for --template that names t.
func templateWord(t *template.Template) string {
	if t.Origin.Source != "" {
		return phrase.Quote(t.Origin.String())
	}
	return t.Name
}

// sorted returns the sorted keys of a map.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
