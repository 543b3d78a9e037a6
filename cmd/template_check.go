package cmd

import (
	"context"
	"path"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"dockerflow/cmd/report"
	"dockerflow/generator/cases"
	"dockerflow/generator/template"
)

// templateCheckOptions holds the flags of dockerflow template check.
type templateCheckOptions struct {
	env    Env
	lib    *library
	asJSON bool
}

func newTemplateCheck(env Env, lib *library) *cobra.Command {
	o := &templateCheckOptions{env: env, lib: lib}
	c := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Find all problems in a template",
		Long: `Find all problems in the template in DIR, or in the current folder, each with
its file, line and column.

The templates that it extends are not checked. The template is rendered with the
defaults, and with each choice of each question, one at a time; answers without
a default come from the cases in DIR/golden. The results are checked against the
rules of dockerflow check. Nothing is written.`,
		Example: `  dockerflow template check
  dockerflow template check ./acme --json | jq '.findings[]'`,
		Args:              cobra.MaximumNArgs(1),
		RunE:              inFolder(o.run),
		ValidArgsFunction: folders,
	}
	c.Flags().BoolVar(&o.asJSON, "json", false, "print dir, ok and findings as JSON")
	return c
}

func (o *templateCheckOptions) run(ctx context.Context, dir string) error {
	if err := wantFolder(o.env.FS, dir); err != nil {
		return err
	}
	files, closer, err := openRepository(o.env.FS, dir)
	if err != nil {
		return err
	}
	defer closer.Close()
	inMemory, unread := o.lib.folder(ctx, dir)
	if unread == nil {
		files = inMemory
	}
	read, err := readCases(o.env.FS, dir)
	if err != nil {
		return err
	}
	lint := template.Lint{Bases: o.lib.bases(ctx), Taken: o.lib.taken, Judge: cases.Judge, Examples: map[string][]string{}, Static: unread != nil}
	for _, c := range read {
		if c.parsed != nil {
			c.parsed.Answers(lint.Examples)
		}
	}
	found := lint.Run(ctx, files, underTest)
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, c := range read {
		if c.err != nil {
			found = append(found, template.Finding{Path: path.Join(goldenFolder, c.name+cases.Suffix), Line: 1, Column: 1, Text: c.err.Error()})
		}
	}
	ok := !slices.ContainsFunc(found, func(f template.Finding) bool { return !f.Warning })
	if ok && unread != nil {
		ok = false
		found = append(found, template.Finding{Path: ".", Line: 1, Column: 1, Text: unread.Error()})
	}
	err = (&report.Lint{Dir: filepath.Clean(dir), OK: ok, Findings: found}).Print(o.env.Out, o.asJSON)
	if err == nil && !ok {
		err = errFaulty
	}
	return err
}
