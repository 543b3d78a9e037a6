package cmd

import (
	"dockerflow/cmd/report"
	"dockerflow/generator/project"
)

// reportOf returns the report of an update.
func reportOf(u *project.UpdatePlan) *report.Update {
	r := &report.Update{
		Dir: u.Project.Dir, Template: u.Template, Answers: u.Answers, Merged: u.Merged, Edits: u.Edits,
		Changed: u.Changes(), UpToDate: u.UpToDate(), Git: u.Project.InGit(),
	}
	if u.Project.Record != nil {
		r.From = u.Project.Record.Version
	}
	return r
}

func (o *updateOptions) report(u *project.UpdatePlan) error {
	r := reportOf(u)
	r.DryRun, r.Check = o.dryRun, o.check
	return r.Print(o.env.Out, o.env.Err, o.asJSON)
}
