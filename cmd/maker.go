package cmd

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"dockerflow/generator/apply"
	"dockerflow/generator/failure"
	"dockerflow/generator/merge"
	"dockerflow/generator/phrase"
	"dockerflow/generator/project"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
)

// maker generates new projects from resolved answers.
type maker struct {
	env        Env
	onConflict string
	dryRun     bool
	noGit      bool
	recoverer  *project.Recoverer // shared by all projects of a run
}

// target returns the folder to write to: dir, or without it the service's name.
func target(dir string, a template.Answers) string {
	if dir == "" {
		name, _ := a["name"].(string)
		return name
	}
	return filepath.Clean(dir)
}

// planned is a project that a run will write.
type planned struct {
	template *template.Template
	answers  template.Answers
	plan     *apply.Plan
}

// plan renders a project and compares it with dir. It first rolls back an earlier run that did not finish.
func (m *maker) plan(t *template.Template, answers template.Answers, dir string) (*planned, error) {
	tree, err := t.Render(answers)
	if err != nil {
		return nil, err
	}
	if m.recoverer == nil {
		m.recoverer = project.NewRecoverer(m.env.FS)
	}
	if m.dryRun {
		err = m.recoverer.Check(dir)
	} else {
		err = m.recoverer.Recover(dir, m.env.note)
	}
	if err != nil {
		return nil, err
	}
	plan, err := apply.NewPlan(m.env.FS, dir, tree)
	if err != nil {
		return nil, hinted(err)
	}
	return &planned{t, answers, plan}, nil
}

// hinted adds a hint to an error of the generator.
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
		return failure.New("--yes uses the defaults where they exist", "%w", err)
	}
	return err
}

// write writes the project, unless there are conflicts or --dry-run is set.
func (m *maker) write(ctx context.Context, p *planned) (conflicts []apply.Change, err error) {
	if err := m.decide(p); err != nil {
		return nil, err
	}
	if conflicts = p.plan.Conflicts(); len(conflicts) > 0 || m.dryRun {
		return conflicts, nil
	}
	if err := p.plan.Apply(ctx, m.env.FS); err != nil {
		return nil, applyError(ctx, p.plan.Dir, err)
	}
	return nil, nil
}

// decide applies --on-conflict, and adds the record of the resulting files to the plan.
func (m *maker) decide(p *planned) error {
	a := merge.Action(m.onConflict)
	if a != "" {
		p.plan.Decide(a)
	}
	record := project.NewRecord(p.template, p.answers, project.Written{Origin: project.RecordedOrigin(p.template.Origin, p.plan.Dir), Files: p.plan.Tree(), Kept: p.plan.Skipped()})
	if err := p.plan.Add(m.env.FS, tree.Tree{tree.RecordFile: record}); err != nil {
		return err
	}
	if a != "" {
		p.plan.Decide(a)
	}
	return nil
}

func applyError(ctx context.Context, dir string, err error) error {
	if ctx.Err() != nil {
		return &failure.Error{Code: failure.Interrupted, Err: fmt.Errorf("interrupted: %s is unchanged", dir), Hint: ""}
	}
	return failure.New("", "write %s: %w", dir, err)
}

func (m *maker) conflictError(conflicts []apply.Change) *failure.Error {
	hint := "--on-conflict skip keeps existing files, --on-conflict overwrite replaces them"
	if m.onConflict != "" {
		hint = "only a regular file can be replaced: move the others away, or use --on-conflict skip"
	}
	return &failure.Error{Code: failure.Finding, Err: fmt.Errorf("conflicts in %s, nothing was written", phrase.Count(len(conflicts), "file")), Hint: hint}
}

// commit creates a git repository with a first commit.
func (m *maker) commit(ctx context.Context, p *planned) error {
	if m.dryRun || m.noGit || m.env.Git == nil {
		return nil
	}
	note, err := project.FirstCommit(ctx, m.env.Git, p.plan.Dir, p.plan.Tree(), "Start from the dockerflow template "+p.template.Name)
	if err != nil {
		return failure.New("the files are complete; --no-git skips git", "%w", err)
	}
	if note != "" {
		m.env.note("%s", note)
	}
	return nil
}
