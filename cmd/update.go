package cmd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"dockerflow/cmd/prompt"
	"dockerflow/generator/failure"
	"dockerflow/generator/phrase"
	"dockerflow/generator/project"
	"dockerflow/generator/template"
)

// updateOptions holds the flags and arguments of dockerflow update.
type updateOptions struct {
	env Env
	set *answerSet

	dir                 string
	check, abort, force bool
	yes, dryRun, asJSON bool
	source              string // of another template to follow
	ref                 string // another ref of a template in git
}

func newUpdate(env Env, lib *library, all []*template.Template) *cobra.Command {
	o := &updateOptions{env: env, set: newAnswerSet(env, lib, all)}
	c := &cobra.Command{
		Use:   "update [DIR]",
		Short: "Update a service to the newest version of its template",
		Long: `Update the service in DIR, or in the current folder, to what its template writes
now.

update merges the template's changes with yours, and writes all of the result or
nothing. Where both changed the same lines, the file gets conflict markers with
three sides and git lists it as unmerged. Flags change recorded answers.`,
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
	f.BoolVar(&o.check, "check", false, "only report whether an update is needed: exit 0 if not, 1 if so")
	f.BoolVar(&o.dryRun, "dry-run", false, "show what would change, but change nothing")
	f.BoolVar(&o.asJSON, "json", false, "print the answers and the result for each path as JSON")
	f.BoolVar(&o.abort, "abort", false, "undo an update that has conflicts: restore the files and git's index")
	f.BoolVar(&o.force, "force", false, "proceed even if files have uncommitted changes")
	f.BoolVarP(&o.yes, "yes", "y", false, "use the defaults for new questions, and ask nothing")
	f.StringVar(&o.ref, "ref", "", "for a template in git: the `TAG`, branch or commit to follow from now on")
	f.StringVarP(&o.source, "template", "t", "", "the `TEMPLATE` to follow from now on")
	o.set.questionFlags(c)
	c.MarkFlagsMutuallyExclusive("check", "dry-run", "abort")
}

func (o *updateOptions) run(ctx context.Context) error {
	p, err := openProject(ctx, o.env, o.dir)
	if err != nil {
		return err
	}
	if err := o.begin(ctx, p); err != nil || o.abort {
		return err
	}
	if err := loadRecord(p); err != nil {
		return err
	}
	t, err := o.set.lib.recorded(ctx, p.Dir, p.Record, o.source, o.ref)
	if err != nil {
		return err
	}
	o.set.use(t)
	if err := p.CheckVersion(o.set.lib.own, t); err != nil {
		return err
	}
	answers, err := o.resolve(ctx, p, t)
	if err != nil {
		return err
	}
	u, err := p.PlanUpdate(ctx, t, answers)
	if err != nil {
		return err
	}
	return o.finish(ctx, u)
}

// begin rolls back an unfinished earlier update or refuses to continue. With --abort, it undoes the update.
func (o *updateOptions) begin(ctx context.Context, p *project.Project) error {
	switch {
	case o.check || o.dryRun:
		return p.CheckIdle(ctx)
	case !o.abort:
		return p.Settle(ctx)
	}
	if err := p.Abort(ctx, o.force); err != nil {
		return err
	}
	o.env.Out.Line("%s: restored to its state before the update", p.Dir)
	return nil
}

// resolve combines the recorded answers with flags. Only answers to new questions can be missing.
func (o *updateOptions) resolve(ctx context.Context, p *project.Project, t *template.Template) (template.Answers, error) {
	flags := o.set.given
	asked := map[string]bool{}
	for _, q := range t.Questions {
		asked[q.Name] = true
	}
	o.set.given = p.Answers(t)
	maps.Copy(o.set.given, flags)
	for _, name := range sorted(p.Record.Answers) {
		if !asked[name] {
			o.env.note("template %s no longer asks for %s: the answer is dropped", t.Name, name)
		}
	}
	if len(t.Missing(o.set.given)) > 0 { // only new questions: recorded answers take precedence
		if err := o.set.configure([]*template.Template{t}); err != nil {
			return nil, err
		}
		t = template.Named(o.set.templates, t.Name)
	}
	if err := o.askNew(ctx, p, t); err != nil {
		return nil, err
	}
	a, err := t.Resolve(o.set.answersOnly())
	var wrong *template.AnswerError
	if _, given := flags[nameOf(err)]; errors.As(err, &wrong) && !given {
		return nil, failure.New("give another one with --"+wrong.Name, "the recorded answer is no longer valid: %w", err)
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

// askNew shows prompts for questions that are new since the project's last update.
func (o *updateOptions) askNew(ctx context.Context, p *project.Project, t *template.Template) error {
	missing := t.Missing(o.set.given)
	if len(missing) == 0 || o.yes || o.check || o.dryRun || o.asJSON || !o.set.canAsk() {
		return nil
	}
	o.set.given["template"] = t.Name
	_, err := o.set.ask(ctx, func(set *answerSet) (*prompt.Preview, error) {
		a, err := t.Resolve(set.answersOnly())
		if err != nil {
			return nil, hinted(err)
		}
		u, err := p.PlanUpdate(ctx, t, a)
		if err != nil {
			return nil, err
		}
		return previewUpdate(u), nil
	})
	return err
}

// finish applies the plan, unless it is only shown, and prints the report.
func (o *updateOptions) finish(ctx context.Context, u *project.UpdatePlan) error {
	if !o.check && !o.dryRun && !u.UpToDate() {
		if err := u.Preflight(ctx, o.force); err != nil {
			return err
		}
		if err := u.Apply(ctx); err != nil {
			return err
		}
	}
	if err := o.report(u); err != nil {
		return err
	}
	switch {
	case o.check && !u.UpToDate():
		return &failure.Error{Code: failure.Finding, Err: fmt.Errorf("%s is not up to date", u.Project.Dir), Hint: "dockerflow update --dry-run shows what it would change"}
	case !o.check && len(u.Conflicts()) > 0:
		return updateConflict(u, o.dryRun)
	}
	return nil
}

// updateConflict returns the error for a plan with conflicts.
func updateConflict(u *project.UpdatePlan, dryRun bool) error {
	var names []string
	for _, r := range u.Conflicts() {
		names = append(names, r.Path)
	}
	says, hint := "conflicts in "+strings.Join(names, ", "), "resolve them in the files, then commit; dockerflow update --abort undoes the update"
	if u.Project.InGit() {
		hint = "resolve them in the files or with git mergetool, git add them and commit; dockerflow update --abort undoes the update"
	}
	if dryRun {
		says, hint = "there would be "+says, ""
	}
	return &failure.Error{Code: failure.Finding, Err: errors.New(says), Hint: hint}
}

// previewUpdate returns the preview that follows the last new question.
func previewUpdate(u *project.UpdatePlan) *prompt.Preview {
	names := make([]string, 0, len(u.Edits))
	for _, edit := range u.Edits {
		names = append(names, edit.Path)
	}
	slices.Sort(names)
	v := &prompt.Preview{Says: fmt.Sprintf("%s to change: %s", phrase.Count(len(names), "file"), strings.Join(names, ", "))}
	if n := len(u.Conflicts()); n > 0 {
		v.Says += fmt.Sprintf("; conflicts in %s", phrase.Count(n, "file"))
	}
	v.Decisions = []prompt.Decision{{Says: "Update them", Action: goOn}, {Says: "Stop", Action: prompt.Stop}}
	return v
}
