package cmd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"

	"dockerflow/generator/apply"
	"dockerflow/generator/failure"
	"dockerflow/generator/merge"
	"dockerflow/generator/phrase"
	"dockerflow/generator/project"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
)

// target is the folder to write to.
func (o *newOptions) target(a template.Answers) string {
	if o.dir == "" {
		name, _ := a["name"].(string)
		return name
	}
	return filepath.Clean(o.dir)
}

// project is what a run would write.
type planned struct {
	template *template.Template
	answers  template.Answers
	plan     *apply.Plan
}

// prepare renders the given answers and compares the result with what is there. It writes nothing.
func (o *newOptions) prepare() (*planned, error) {
	t, err := o.template()
	if err != nil {
		return nil, err
	}
	answers, err := t.Resolve(o.answersOnly())
	if err != nil {
		return nil, hinted(err)
	}
	if o.target(answers) == "" {
		return nil, failure.New("dockerflow new DIR", "template %s asks for no name: name the folder", t.Name)
	}
	return o.plan(t, answers)
}

// plan renders answers that are resolved.
func (o *newOptions) plan(t *template.Template, answers template.Answers) (*planned, error) {
	tree, err := t.Render(answers)
	if err != nil {
		return nil, err
	}
	if o.recoverer == nil {
		o.recoverer = project.NewRecoverer(o.env.FS)
	}
	if o.dryRun {
		err = o.recoverer.Check(o.target(answers))
	} else {
		err = o.recoverer.Recover(o.target(answers), o.env.note)
	}
	if err != nil {
		return nil, err
	}
	plan, err := apply.NewPlan(o.env.FS, o.target(answers), tree)
	if err != nil {
		return nil, hinted(err)
	}
	return &planned{t, answers, plan}, nil
}

func (o *newOptions) answersOnly() map[string]string {
	given := maps.Clone(o.given)
	delete(given, "template")
	return given
}

// hinted adds what the user can do about an error of the generator.
func hinted(err error) error {
	var wrong *template.AnswerError
	var unknown *template.UnknownError
	var missing *template.MissingError
	switch {
	case errors.As(err, &wrong) && wrong.Try != "":
		return failure.New("try --"+wrong.Name+" "+phrase.Quote(wrong.Try), "%w", err)
	case errors.As(err, &unknown):
		return failure.New("see dockerflow templates", "%w", err)
	case errors.As(err, &missing):
		return failure.New("--yes takes the defaults for all that has one", "%w", err)
	}
	return err
}

// finish writes the project, unless it is only to be shown, and reports.
func (o *newOptions) finish(ctx context.Context, p *planned) error {
	conflicts, err := o.write(ctx, p)
	if err != nil {
		return err
	}
	if err := o.report(p); err != nil {
		return err
	}
	if len(conflicts) > 0 {
		return o.conflictError(conflicts)
	}
	return o.commit(ctx, p)
}

// write writes the project, unless it is only to be shown or files are in the way.
func (o *newOptions) write(ctx context.Context, p *planned) (conflicts []apply.Change, err error) {
	if err := o.decide(p); err != nil {
		return nil, err
	}
	if conflicts = p.plan.Conflicts(); len(conflicts) > 0 || o.dryRun {
		return conflicts, nil
	}
	if err := p.plan.Apply(ctx, o.env.FS); err != nil {
		return nil, applyError(ctx, p.plan.Dir, err)
	}
	return nil, nil
}

// decide settles the conflicts as --on-conflict says, and plans the record of what is then written.
func (o *newOptions) decide(p *planned) error {
	a := merge.Action(o.onConflict)
	if a != "" {
		p.plan.Decide(a)
	}
	record := project.NewRecord(p.template, p.answers, project.Written{Origin: project.RecordedOrigin(p.template.Origin, p.plan.Dir), Files: p.plan.Tree(), Kept: p.plan.Skipped()})
	if err := p.plan.Add(o.env.FS, tree.Tree{tree.RecordFile: record}); err != nil {
		return err
	}
	if a != "" {
		p.plan.Decide(a)
	}
	return nil
}

func applyError(ctx context.Context, dir string, err error) error {
	if ctx.Err() != nil {
		return &failure.Error{Code: failure.Interrupted, Err: fmt.Errorf("interrupted: %s is as it was", dir), Hint: ""}
	}
	return failure.New("", "write %s: %w", dir, err)
}

func (o *newOptions) conflictError(conflicts []apply.Change) *failure.Error {
	hint := "--on-conflict skip keeps what is there, --on-conflict overwrite replaces it"
	if o.onConflict != "" {
		hint = "only a regular file can be replaced: move the others away, or use --on-conflict skip"
	}
	return &failure.Error{Code: failure.Finding, Err: fmt.Errorf("%s in the way, nothing was written", phrase.Count(len(conflicts), "file")), Hint: hint}
}

// commit makes the project a repository with a first commit.
func (o *newOptions) commit(ctx context.Context, p *planned) error {
	if o.dryRun || o.noGit || o.env.Git == nil {
		return nil
	}
	note, err := project.FirstCommit(ctx, o.env.Git, p.plan.Dir, p.plan.Tree(), "Start from the dockerflow template "+p.template.Name)
	if err != nil {
		return failure.New("the files are complete; --no-git leaves git alone", "%w", err)
	}
	if note != "" {
		o.env.note("%s", note)
	}
	return nil
}
