package cmd

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"github.com/spf13/cobra"

	"dockerflow/generator/apply"
	"dockerflow/generator/failure"
	"dockerflow/generator/template"
)

// updateOptions is one run of `dockerflow update`.
type updateOptions struct {
	newOptions // its questions and the ways to ask them

	check, abort, force bool
	ref                 string // of a template in git
}

func newUpdate(env Env, lib *library, all []*template.Template) *cobra.Command {
	o := &updateOptions{newOptions: newOptions{env: env, lib: lib, templates: all, pristine: all, given: map[string]string{}}}
	c := &cobra.Command{
		Use:   "update [DIR]",
		Short: "Bring a service up to date with its template",
		Long: `Bring the service in DIR, or in this folder, up to date with what its template writes today.

What the template changed since is merged with what you changed: all of it is written, or nothing. Where both changed the
same lines, the file gets conflict markers with three sides and git lists it as unmerged. A flag changes an answer.`,
		Example: `  dockerflow update
  dockerflow update --check
  dockerflow update hello --dry-run
  dockerflow update --ci github
  dockerflow update --ref v1.3.0
  dockerflow update --abort`,
		Args: cobra.MaximumNArgs(1),
		RunE: inFolder(func(ctx context.Context, dir string) error {
			o.dir = dir
			return o.run(ctx)
		}),
		ValidArgsFunction: folders,
	}
	o.flags(c)
	return c
}

func (o *updateOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.SortFlags = false
	f.BoolVar(&o.check, "check", false, "only say whether there is something to do: exit 0 if not, 1 if so")
	f.BoolVar(&o.dryRun, "dry-run", false, "show what would be changed, and change nothing")
	f.BoolVar(&o.asJSON, "json", false, "print the answers and what happens to each path as JSON")
	f.BoolVar(&o.abort, "abort", false, "take back an update that has conflicts: files and git's index are as they were")
	f.BoolVar(&o.force, "force", false, "also if files have changes that are not committed")
	f.BoolVarP(&o.yes, "yes", "y", false, "take the defaults of new questions, and ask nothing")
	f.StringVar(&o.ref, "ref", "", "the `TAG`, branch or commit to follow from now on, of a template in git")
	f.StringVarP(&o.source, "template", "t", "", "the `TEMPLATE` to follow from now on")
	o.questionFlags(c)
	c.MarkFlagsMutuallyExclusive("check", "dry-run", "abort")
}

func (o *updateOptions) run(ctx context.Context) error {
	e, err := openProject(ctx, o.env, o.dir)
	if err != nil {
		return err
	}
	if err := o.begin(ctx, e); err != nil || o.abort {
		return err
	}
	if err := e.load(); err != nil {
		return err
	}
	t, err := o.lib.recorded(ctx, e.dir, e.record, o.source, o.ref)
	if err != nil {
		return err
	}
	o.templates, o.pristine = []*template.Template{t}, []*template.Template{t}
	if err := e.newer(o.lib.own, t); err != nil {
		return err
	}
	answers, err := o.resolve(ctx, e, t)
	if err != nil {
		return err
	}
	m, err := e.merge(ctx, t, answers)
	if err != nil {
		return err
	}
	return o.finish(ctx, m)
}

// begin looks for what an earlier update has left, and takes that back or refuses to go on.
func (o *updateOptions) begin(ctx context.Context, e *existing) error {
	if o.check || o.dryRun {
		return e.undisturbed(ctx)
	}
	found, err := e.recover()
	if err != nil {
		return err
	}
	if o.abort {
		if found.Phase == apply.Begun {
			return nil
		}
		return e.abort(ctx, found, o.force)
	}
	return e.settled(ctx, found)
}

// resolve takes the recorded answers and those of flags. Only questions that are new can be missing.
func (o *updateOptions) resolve(ctx context.Context, e *existing, t *template.Template) (template.Answers, error) {
	flags := o.given
	asked := map[string]bool{}
	for _, q := range t.Questions {
		asked[q.Name] = true
	}
	o.given = e.answersOf(t)
	maps.Copy(o.given, flags)
	for _, name := range sorted(e.record.Answers) {
		if !asked[name] {
			e.note("template %s no longer asks for %s: the answer is dropped", t.Name, name)
		}
	}
	if len(t.Missing(o.given)) > 0 { // what is new: the recorded answers stand
		if err := o.configure([]*template.Template{t}); err != nil {
			return nil, err
		}
		t = named(o.templates, t.Name)
	}
	if err := o.askNew(ctx, e, t); err != nil {
		return nil, err
	}
	a, err := t.Resolve(o.answersOnly())
	var wrong *template.AnswerError
	if _, given := flags[nameOf(err)]; errors.As(err, &wrong) && !given {
		return nil, failure.New("give another one by --"+wrong.Name, "the recorded answer is none any more: %w", err)
	}
	return a, hinted(err)
}

func nameOf(err error) string {
	var wrong *template.AnswerError
	if errors.As(err, &wrong) {
		return wrong.Name
	}
	return ""
}

// askNew asks for what the template did not ask when the project was made.
func (o *updateOptions) askNew(ctx context.Context, e *existing, t *template.Template) error {
	missing := t.Missing(o.given)
	if len(missing) == 0 || o.yes || o.check || o.dryRun || o.asJSON || o.env.Prompts == NoPrompts {
		return nil
	}
	o.given["template"] = t.Name
	o.show = func(given map[string]string) (*preview, error) {
		with := *o
		with.given = given
		a, err := t.Resolve(with.answersOnly())
		if err != nil {
			return nil, hinted(err)
		}
		m, err := e.merge(ctx, t, a)
		if err != nil {
			return nil, err
		}
		return m.preview(), nil
	}
	return o.prompt(ctx)
}

// finish refuses, shows or does what was planned.
func (o *updateOptions) finish(ctx context.Context, m *merging) error {
	conflicts := m.conflicts()
	if !o.check && !o.dryRun && !m.upToDate() {
		if err := m.consult(ctx); err != nil {
			return err
		}
		if err := m.refuse(ctx, o.force); err != nil {
			return err
		}
		if err := m.apply(ctx); err != nil {
			return err
		}
	}
	if err := o.report(m); err != nil {
		return err
	}
	switch {
	case o.check && !m.upToDate():
		return &failure.Error{Code: failure.Finding, Err: fmt.Errorf("%s is not up to date", m.dir), Hint: "dockerflow update --dry-run shows what it would change"}
	case !o.check && len(conflicts) > 0:
		return m.conflictError(conflicts, o.dryRun)
	}
	return nil
}
