package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/spf13/cobra"

	"dockerflow/generator/failure"
	"dockerflow/generator/phrase"
	"dockerflow/generator/project"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
)

// adoptOptions is one run of `dockerflow adopt`.
type adoptOptions struct {
	newOptions // its questions and the ways to ask them

	merge, force bool
}

func newAdopt(env Env, lib *library, all []*template.Template) *cobra.Command {
	o := &adoptOptions{newOptions: newOptions{env: env, lib: lib, templates: all, pristine: all, given: map[string]string{}, existing: true}}
	c := &cobra.Command{
		Use:   "adopt [DIR]",
		Short: "Let dockerflow look after a service that it did not make",
		Long: `Write the record that update needs into a service that dockerflow did not make, or whose record was lost.

The language is recognised and the answers are guessed from the project's files; a terminal asks for them, elsewhere --yes
takes them. Files of the Dockerflow contract that are missing are written, such as version.json, a Dockerfile and CI, each
only where the project has nothing of its kind. Application code is never written, and no file of yours is touched.`,
		Example: `  dockerflow adopt
  dockerflow adopt --yes --dry-run
  dockerflow adopt shop --template python --owner acme --yes
  dockerflow adopt --merge --yes`,
		Args: cobra.MaximumNArgs(1),
		RunE: inFolder(func(ctx context.Context, dir string) error {
			o.dir = dir
			return o.run(ctx)
		}),
		ValidArgsFunction: folders,
	}
	f := c.Flags()
	f.SortFlags = false
	o.templateFlag(c)
	o.questionFlags(c)
	f.BoolVarP(&o.yes, "yes", "y", false, "take what was guessed, and the defaults for the rest, and ask nothing")
	f.BoolVar(&o.dryRun, "dry-run", false, "show what would be written, and write nothing")
	f.BoolVar(&o.recordOnly, "record-only", false, "write the record and no other file")
	f.BoolVar(&o.merge, "merge", false, "merge the contract's files that are there and differ: they get conflict markers")
	f.BoolVar(&o.force, "force", false, "also if an older record can be had from git, or files to be merged are not committed")
	f.BoolVar(&o.asJSON, "json", false, "print the answers and what happens to each path as JSON")
	c.MarkFlagsMutuallyExclusive("record-only", "merge")
	return c
}

func (o *adoptOptions) run(ctx context.Context) error {
	e, err := openProject(ctx, o.env, o.dir)
	if err != nil {
		return err
	}
	if err := o.begin(ctx, e); err != nil {
		return err
	}
	root, err := o.env.FS.Within(o.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := o.choose(ctx); err != nil {
		return err
	}
	if err := o.configure(o.candidates()); err != nil {
		return err
	}
	if err := o.guess(ctx, root); err != nil {
		return err
	}
	o.show = func(given map[string]string) (*preview, error) {
		with := *o
		with.given = given
		m, err := with.plan(ctx, e, root)
		if err != nil {
			return nil, err
		}
		return o.review(m), nil
	}
	if err := o.confirm(ctx); err != nil {
		return err
	}
	m, err := o.plan(ctx, e, root)
	if err != nil {
		return err
	}
	return o.finish(ctx, m)
}

// begin wants a project without a record.
func (o *adoptOptions) begin(ctx context.Context, e *existing) error {
	if o.dryRun {
		if err := e.undisturbed(ctx); err != nil {
			return err
		}
	} else {
		found, err := e.recover()
		if err == nil {
			err = e.settled(ctx, found)
		}
		if err != nil {
			return err
		}
	}
	switch err := e.read(); {
	case err == nil:
		return failure.New("dockerflow update brings it up to date", "%s has a record: it was made or adopted before", e.dir)
	case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, project.ErrNoRecord):
		return failure.New("mend it, or delete it to adopt the project anew", "%w", err)
	}
	e.record = nil
	if e.repo == nil || o.force {
		return nil
	}
	if commit := e.repo.deleted(ctx, tree.RecordFile); commit != "" {
		return failure.New(fmt.Sprintf("git checkout %s^ -- %s brings it back; --force goes on", commit, tree.RecordFile),
			"%s had a record, which commit %s deleted", e.dir, commit)
	}
	return nil
}

// confirm asks for the answers, or wants --yes for those that are guessed.
func (o *adoptOptions) confirm(ctx context.Context) error {
	if _, known := o.given["template"]; !known && (o.yes || o.env.Prompts == NoPrompts) {
		return failure.New("--template is one of "+strings.Join(templateNames(o.templates), ", "), "%s shows no language that there is a template for, or more than one", o.dir)
	}
	if o.yes || o.dryRun {
		return nil
	}
	if o.env.Prompts != NoPrompts {
		if err := o.checkGiven(); err != nil {
			return err
		}
		return o.prompt(ctx)
	}
	t, err := o.template()
	if err != nil {
		return err
	}
	if len(t.Missing(o.given)) == 0 {
		return nil
	}
	a, err := t.Resolve(o.answersOnly())
	if err != nil {
		return hinted(err)
	}
	words := []string{"--template", templateWord(t)}
	for _, q := range t.Questions {
		words = append(words, "--"+q.Name+"="+phrase.Quote(fmt.Sprint(a[q.Name])))
	}
	return failure.New("--yes takes them, and a flag changes one", "these answers are guessed: %s", strings.Join(words, " "))
}
