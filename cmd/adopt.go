package cmd

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"dockerflow/cmd/prompt"
	"dockerflow/generator/failure"
	"dockerflow/generator/merge"
	"dockerflow/generator/phrase"
	"dockerflow/generator/project"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
)

// adoptOptions holds the flags and arguments of dockerflow adopt.
type adoptOptions struct {
	env Env
	set *answerSet

	dir                 string
	yes, dryRun, asJSON bool
	recordOnly          bool
	merge, force        bool
}

func newAdopt(env Env, lib *library, all []*template.Template) *cobra.Command {
	o := &adoptOptions{env: env, set: newAnswerSet(env, lib, all)}
	c := &cobra.Command{
		Use:   "adopt [DIR]",
		Short: "Make an existing service updatable by dockerflow",
		Long: `Write the record that update needs into a service that dockerflow did not
generate, or whose record was lost.

adopt detects the language and guesses the answers from the project's files. On
a terminal it asks you to confirm them; elsewhere, --yes accepts them. It adds
missing files of the Dockerflow contract, such as version.json, a Dockerfile and
CI, unless the project already has a file of that kind. It never writes
application code and, without --merge, changes no existing file.`,
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
	o.set.templateFlag(c)
	o.set.questionFlags(c)
	f.BoolVarP(&o.yes, "yes", "y", false, "accept the guesses and the defaults, and ask nothing")
	f.BoolVar(&o.dryRun, "dry-run", false, "show what would be written, but write nothing")
	f.BoolVar(&o.recordOnly, "record-only", false, "write only the record")
	f.BoolVar(&o.merge, "merge", false, "merge existing contract files that differ, with conflict markers")
	f.BoolVar(&o.force, "force", false, "adopt even if git has an older record, or files to merge are uncommitted")
	f.BoolVar(&o.asJSON, "json", false, "print the answers and the result for each path as JSON")
	c.MarkFlagsMutuallyExclusive("record-only", "merge")
	return c
}

func (o *adoptOptions) run(ctx context.Context) error {
	p, err := openProject(ctx, o.env, o.dir)
	if err != nil {
		return err
	}
	if err := o.begin(ctx, p); err != nil {
		return err
	}
	root, err := o.env.FS.Within(o.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if err := o.set.choose(ctx); err != nil {
		return err
	}
	if err := o.set.configure(o.set.candidates()); err != nil {
		return err
	}
	if err := o.guess(ctx, root); err != nil {
		return err
	}
	if err := o.confirm(ctx, p); err != nil {
		return err
	}
	u, err := o.plan(ctx, p, o.set)
	if err != nil {
		return err
	}
	return o.finish(ctx, u)
}

// begin recovers from earlier runs and checks that the project has no record.
func (o *adoptOptions) begin(ctx context.Context, p *project.Project) error {
	start := p.Settle
	if o.dryRun {
		start = p.CheckIdle
	}
	if err := start(ctx); err != nil {
		return err
	}
	return p.CheckUnrecorded(ctx, o.force)
}

// confirm asks for the answers. Without a terminal, guessed answers require --yes.
func (o *adoptOptions) confirm(ctx context.Context, p *project.Project) error {
	if _, known := o.set.given["template"]; !known && (o.yes || !o.set.canAsk()) {
		return failure.New("set --template to one of "+strings.Join(templateNames(o.set.templates), ", "), "%s matches no template, or more than one", o.dir)
	}
	if o.yes || o.dryRun {
		return nil
	}
	if o.set.canAsk() {
		if err := o.set.checkGiven(); err != nil {
			return err
		}
		action, err := o.set.ask(ctx, func(set *answerSet) (*prompt.Preview, error) {
			u, err := o.plan(ctx, p, set)
			if err != nil {
				return nil, err
			}
			return o.review(u), nil
		})
		if action == recordOnly {
			o.recordOnly = true
		}
		return err
	}
	t, err := o.set.template()
	if err != nil {
		return err
	}
	if len(t.Missing(o.set.given)) == 0 {
		return nil
	}
	a, err := t.Resolve(o.set.answersOnly())
	if err != nil {
		return hinted(err)
	}
	words := []string{"--template", templateWord(t)}
	for _, q := range t.Questions {
		words = append(words, "--"+q.Name+"="+phrase.Quote(fmt.Sprint(a[q.Name])))
	}
	return failure.New("accept them with --yes, or change them with flags", "these answers are guesses: %s", strings.Join(words, " "))
}

// plan resolves the answers and plans the changes.
func (o *adoptOptions) plan(ctx context.Context, p *project.Project, set *answerSet) (*project.UpdatePlan, error) {
	t, a, err := set.resolve()
	if err != nil {
		return nil, err
	}
	return p.PlanAdoption(ctx, t, a, project.Adoption{RecordOnly: o.recordOnly, Merge: o.merge})
}

// review returns the preview that follows the last answer.
func (o *adoptOptions) review(u *project.UpdatePlan) *prompt.Preview {
	var names []string
	for _, edit := range u.Edits {
		if edit.Path != tree.RecordFile {
			names = append(names, edit.Path)
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return &prompt.Preview{Says: "Only the record will be written: " + tree.RecordFile, Decisions: []prompt.Decision{{Says: "Write it", Action: goOn}, {Says: "Stop", Action: prompt.Stop}}}
	}
	return &prompt.Preview{
		Says: fmt.Sprintf("The record, and %s that the contract requires: %s", phrase.Count(len(names), "file"), strings.Join(names, ", ")),
		Decisions: []prompt.Decision{
			{Says: "Write all of them", Action: goOn},
			{Says: "Write only the record", Action: recordOnly},
			{Says: "Stop", Action: prompt.Stop},
		},
	}
}

func (o *adoptOptions) finish(ctx context.Context, u *project.UpdatePlan) error {
	if !o.dryRun {
		if slices.ContainsFunc(u.Edits, func(e merge.Edit) bool { return e.Old != nil && e.Path != tree.RecordFile }) {
			if err := u.Preflight(ctx, o.force); err != nil {
				return err
			}
		}
		if err := u.Apply(ctx); err != nil {
			return err
		}
	}
	if err := o.report(u); err != nil {
		return err
	}
	if len(u.Conflicts()) > 0 {
		return updateConflict(u, o.dryRun)
	}
	return nil
}

func (o *adoptOptions) report(u *project.UpdatePlan) error {
	r := reportOf(u)
	r.Adopt, r.DryRun = true, o.dryRun
	return r.Print(o.env.Out, o.env.Err, o.asJSON)
}
