package cmd

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"dockerflow/cmd/report"
	"dockerflow/generator/apply"
	"dockerflow/generator/cases"
	"dockerflow/generator/failure"
	"dockerflow/generator/phrase"
	"dockerflow/generator/project"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
)

// starterFiles is the template from which new templates are generated.
//
//go:embed all:starter
var starterFiles embed.FS

// templateNewOptions holds the flags of dockerflow template new.
type templateNewOptions struct {
	env   Env
	lib   *library
	given map[string]string
	noGit bool
}

func newTemplateNew(env Env, lib *library) *cobra.Command {
	o := &templateNewOptions{env: env, lib: lib, given: map[string]string{}}
	c := &cobra.Command{
		Use:   "new DIR",
		Short: "Create your own template",
		Long: `Create a small working template in DIR, with a question, a new file, a file that
replaces one of its base, a golden case and CI. Its README.md explains how to
use, change and release it. Existing files are never overwritten.`,
		Example: `  dockerflow template new acme
  dockerflow template new acme --extends go --ci circleci`,
		Args:              oneFolder,
		RunE:              func(c *cobra.Command, args []string) error { return o.run(c.Context(), filepath.Clean(args[0])) },
		ValidArgsFunction: folders,
	}
	f := c.Flags()
	f.SortFlags = false
	f.Var(answer{o.given, "extends"}, "extends", "the template to extend: "+strings.Join(templateNames(lib.own), ", ")+", or a git repository with a tag (default python)")
	f.Var(answer{o.given, "ci"}, "ci", "the CI that checks and tests it: github, circleci, none (default github)")
	f.BoolVar(&o.noGit, "no-git", false, "do not create a git repository and its first commit")
	complete(c, "extends", templateNames(lib.own))
	complete(c, "ci", []string{"github", "circleci", "none"})
	return c
}

func oneFolder(c *cobra.Command, args []string) error {
	if len(args) == 1 && args[0] != "" {
		return nil
	}
	return failure.New("see "+c.CommandPath()+" --help", "want one folder")
}

func (o *templateNewOptions) run(ctx context.Context, dir string) error {
	p, err := o.prepare(ctx, dir)
	if err != nil {
		return err
	}
	made := &report.Project{Template: p.template, Answers: p.answers, Plan: p.plan}
	conflicts := p.plan.Conflicts()
	if len(conflicts) == 0 {
		if err := p.plan.Apply(ctx, o.env.FS); err != nil {
			return applyError(ctx, dir, err)
		}
	}
	if err := made.Print(o.env.Out, o.env.Err, false); err != nil {
		return err
	}
	if len(conflicts) > 0 {
		return &failure.Error{Code: failure.Finding, Err: fmt.Errorf("conflicts in %s, nothing was written", phrase.Count(len(conflicts), "file")), Hint: "name another folder, or move them away"}
	}
	if o.noGit || o.env.Git == nil {
		return nil
	}
	note, err := project.FirstCommit(ctx, o.env.Git, dir, p.plan.Tree(), "Start a dockerflow template")
	if err != nil {
		return failure.New("the files are complete; --no-git skips git", "%w", err)
	}
	if note != "" {
		o.env.note("%s", note)
	}
	return nil
}

// prepare generates the template in memory. It runs the cases to fill them in.
func (o *templateNewOptions) prepare(ctx context.Context, dir string) (*planned, error) {
	fsys, err := fs.Sub(starterFiles, "starter")
	if err != nil {
		return nil, err
	}
	starter, err := template.LoadOne(fsys, "starter", o.lib.taken, nil)
	if err != nil {
		return nil, err
	}
	o.given["name"] = "templates"
	if here, err := filepath.Abs(dir); err == nil && template.Slug(filepath.Base(here)) != "" {
		o.given["name"] = strings.TrimLeft(template.Slug(filepath.Base(here)), "-0123456789")
	}
	answers, err := starter.Resolve(o.given)
	if err != nil {
		return nil, hinted(err)
	}
	files, err := starter.Render(answers)
	if err != nil {
		return nil, err
	}
	files["template.schema.json"] = tree.File{Mode: 0o644, Data: []byte(template.Schema())}
	if err := o.runCases(ctx, files); err != nil {
		return nil, err
	}
	if err := project.NewRecoverer(o.env.FS).Recover(dir, o.env.note); err != nil {
		return nil, err
	}
	plan, err := apply.NewPlan(o.env.FS, dir, files)
	if err != nil {
		return nil, hinted(err)
	}
	return &planned{starter, answers, plan}, nil
}

// runCases fills in the expected files of a new template's cases.
func (o *templateNewOptions) runCases(ctx context.Context, tree tree.Tree) error {
	const hint = "dockerflow templates lists what it can extend"
	fsys, err := tree.FS()
	if err != nil {
		return err
	}
	t, err := template.LoadOne(fsys, underTest, o.lib.taken, o.lib.bases(ctx))
	if err != nil {
		return failure.New(hint, "--extends: %w", err)
	}
	if len(t.Extends) == 0 {
		return failure.New(hint, "--extends: want a template that generates services, not only a base for others")
	}
	t.Origin = template.Origin{Source: here().String()}
	for p, f := range tree {
		if !strings.HasPrefix(p, goldenFolder+"/") || !strings.HasSuffix(p, cases.Suffix) {
			continue
		}
		c := &ranCase{}
		if c.parsed, c.err = cases.Parse(f.Data); c.err == nil {
			tryCase(ctx, o.env, t, c)
		}
		if c.err == nil {
			f.Data, c.err = c.parsed.Format(c.tree, nil)
		}
		if c.err != nil {
			return failure.New(hint, "--extends %s: %w", o.given["extends"], c.err)
		}
		tree[p] = f
	}
	return nil
}
