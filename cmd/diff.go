package cmd

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"dockerflow/cmd/report"
	"dockerflow/generator/failure"
	"dockerflow/generator/phrase"
	"dockerflow/generator/template"
)

// diffOptions holds the flags of dockerflow diff.
type diffOptions struct {
	env Env
	lib *library

	exitCode, nameStatus, asJSON bool
}

func newDiff(env Env, lib *library) *cobra.Command {
	o := &diffOptions{env: env, lib: lib}
	c := &cobra.Command{
		Use:   "diff [DIR]",
		Short: "Show how a service differs from what its template wrote",
		Long: `Show what you changed or deleted in the service in DIR, or in the current
folder, since its template wrote it.

diff compares with the template version that the service uses, not the newest
one; update --dry-run shows what the newest would change. diff ignores files
that you added.`,
		Example: `  dockerflow diff
  dockerflow diff hello --name-status
  dockerflow diff --exit-code > /dev/null && echo pristine`,
		Args:              cobra.MaximumNArgs(1),
		RunE:              inFolder(o.run),
		ValidArgsFunction: folders,
	}
	f := c.Flags()
	f.SortFlags = false
	f.BoolVar(&o.exitCode, "exit-code", false, "exit 1 if there are differences, as git diff does")
	f.BoolVar(&o.nameStatus, "name-status", false, "print only paths: M modified, D deleted, T not a regular file, ? original unknown")
	f.BoolVar(&o.asJSON, "json", false, "print each path, its status and its diff as JSON")
	c.MarkFlagsMutuallyExclusive("name-status", "json")
	return c
}

func (o *diffOptions) run(ctx context.Context, dir string) error {
	p, err := openProject(ctx, o.env, dir)
	if err != nil {
		return err
	}
	if err := p.CheckIdle(ctx); err != nil {
		return err
	}
	if err := loadRecord(p); err != nil {
		return err
	}
	all, err := p.Differences(ctx, func(ctx context.Context) (*template.Template, error) {
		o.lib.offline = true // a diff does not use the network
		return o.lib.recorded(ctx, p.Dir, p.Record, "", p.Record.Origin.Commit)
	})
	if err != nil {
		return err
	}
	d := report.Diff{Dir: p.Dir, Template: p.Record.Template, Version: p.Record.Version, Files: all}
	if err := d.Print(ctx, o.env.Out, o.env.Err, report.DiffFormat{JSON: o.asJSON, NameStatus: o.nameStatus}); err != nil {
		return err
	}
	if o.exitCode && len(all) > 0 {
		return &failure.Error{Code: failure.Finding, Err: fmt.Errorf("%s differs from its template in %s", p.Dir, phrase.Count(len(all), "file")), Hint: ""}
	}
	return nil
}
