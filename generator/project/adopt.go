package project

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"dockerflow/generator/failure"
	"dockerflow/generator/merge"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
)

// CheckUnrecorded returns an error if the project has a record, or, without force, if git can restore a deleted record.
func (p *Project) CheckUnrecorded(ctx context.Context, force bool) error {
	switch err := p.Load(); {
	case err == nil:
		return failure.New("dockerflow update brings it up to date", "%s already has a record: it was generated or adopted before", p.Dir)
	case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrNoRecord):
		return failure.New("fix it, or delete it to adopt the project again", "%w", err)
	}
	p.Record = nil
	if p.repo == nil || force {
		return nil
	}
	if commit := p.repo.deleted(ctx, tree.RecordFile); commit != "" {
		return failure.New(fmt.Sprintf("git checkout %s^ -- %s restores it; --force continues without it", commit, tree.RecordFile),
			"%s had a record, which commit %s deleted", p.Dir, commit)
	}
	return nil
}

// Adoption selects what an adopted project gets besides its record. The zero value adds missing files of the contract.
type Adoption struct {
	RecordOnly bool // add no files
	Merge      bool // also merge existing files of the contract that differ
}

// PlanAdoption plans the record and the new files of a project that t did not generate. It writes nothing.
func (p *Project) PlanAdoption(ctx context.Context, t *template.Template, a template.Answers, options Adoption) (*UpdatePlan, error) {
	files, err := t.RenderContext(ctx, a)
	if err != nil {
		return nil, err
	}
	ours, err := tree.ReadTree(p.fs, p.Dir, slices.Sorted(maps.Keys(files)))
	if err != nil {
		return nil, err
	}
	root, err := p.fs.Within(p.Dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	offered := tree.Tree{}
	if !options.RecordOnly {
		offered = t.Offered(files, tree.Has(root), options.Merge)
	}
	written, mergeable := Written{Origin: RecordedOrigin(t.Origin, p.Dir), Adopted: true, Files: tree.Tree{}, Kept: tree.Tree{}}, tree.Tree{}
	for path, f := range files {
		_, wanted := offered[path]
		mine, there := ours[path]
		same := there && tree.GitMode(mine.Mode) == tree.GitMode(f.Mode) && bytes.Equal(mine.Data, f.Data)
		switch {
		case wanted && (!there || options.Merge) || same:
			mergeable[path], written.Files[path] = f, f
		default:
			written.Kept[path] = f
		}
	}
	u := &UpdatePlan{Project: p, Template: t, Answers: a}
	u.Merged, err = merge.Merge(ctx, merge.Sides{
		Base: tree.Tree{}, Recorded: map[string]string{}, Ours: ours, Theirs: mergeable,
		Labels: merge.Labels{Ours: ourLabel, Theirs: fmt.Sprintf("template %s, version %d", t.Name, t.Version)},
	})
	if err != nil {
		return nil, err
	}
	written.Bases = Bases(&Record{}, u.Merged, nil)
	u.keep(written.Kept, ours)
	if err := p.consult(ctx); err != nil {
		return nil, err
	}
	return u, u.addRecord(written)
}

// keep adds the files that remain the user's own.
func (u *UpdatePlan) keep(kept, ours tree.Tree) {
	for path, f := range kept {
		if mine, there := ours[path]; there {
			u.Merged = append(u.Merged, merge.Merged{Path: path, Action: merge.Skip, Why: "is yours", Ours: &mine, Theirs: &f, Result: &mine})
		}
	}
	slices.SortFunc(u.Merged, func(a, b merge.Merged) int { return strings.Compare(a.Path, b.Path) })
}
