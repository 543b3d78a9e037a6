package cmd

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"dockerflow/generator/merge"
	"dockerflow/generator/phrase"
	"dockerflow/generator/project"
	"dockerflow/generator/tree"
)

// plan makes the record of an adopted project, and the files that it is to get. It writes nothing.
func (o *adoptOptions) plan(ctx context.Context, e *existing, root tree.Dir) (*merging, error) {
	t, err := o.template()
	if err != nil {
		return nil, err
	}
	a, err := t.Resolve(o.answersOnly())
	if err != nil {
		return nil, hinted(err)
	}
	files, err := t.RenderContext(ctx, a)
	if err != nil {
		return nil, err
	}
	ours, err := tree.ReadTree(o.env.FS, o.dir, sorted(files))
	if err != nil {
		return nil, err
	}
	offered := tree.Tree{}
	if !o.recordOnly {
		offered = t.Offered(files, has(root), o.merge)
	}
	written, mergeable := project.Written{Origin: recordedOrigin(t.Origin, o.dir), Adopted: true, Files: tree.Tree{}, Kept: tree.Tree{}}, tree.Tree{}
	for p, f := range files {
		_, wanted := offered[p]
		mine, there := ours[p]
		same := there && gitMode(mine.Mode) == gitMode(f.Mode) && bytes.Equal(mine.Data, f.Data)
		switch {
		case wanted && (!there || o.merge) || same:
			mergeable[p], written.Files[p] = f, f
		default:
			written.Kept[p] = f
		}
	}
	m := &merging{existing: e, template: t, answers: a}
	m.merged, err = merge.Merge(ctx, merge.Sides{
		Base: tree.Tree{}, Recorded: map[string]string{}, Ours: ours, Theirs: mergeable,
		Labels: merge.Labels{Ours: ourLabel, Theirs: fmt.Sprintf("template %s, version %d", t.Name, t.Version)},
	})
	if err != nil {
		return nil, err
	}
	written.Bases = project.Bases(&project.Record{}, m.merged, nil)
	m.keep(written.Kept, ours)
	if err := m.consult(ctx); err != nil {
		return nil, err
	}
	return m, m.plan(written)
}

// keep adds the files that stay the user's own.
func (m *merging) keep(kept, ours tree.Tree) {
	for p, f := range kept {
		if mine, there := ours[p]; there {
			m.merged = append(m.merged, merge.Merged{Path: p, Action: merge.Skip, Why: "is yours", Ours: &mine, Theirs: &f, Result: &mine})
		}
	}
	slices.SortFunc(m.merged, func(a, b merge.Merged) int { return strings.Compare(a.Path, b.Path) })
}

// review words the question after the last answer.
func (o *adoptOptions) review(m *merging) *preview {
	var names []string
	for _, edit := range m.edits {
		if edit.Path != tree.RecordFile {
			names = append(names, edit.Path)
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return &preview{says: "Only the record is to be written, " + tree.RecordFile, decisions: []decision{{"Write it", goOn}, {"Stop", stop}}}
	}
	return &preview{
		says: fmt.Sprintf("The record, and %s that the contract wants: %s", phrase.Count(len(names), "file"), strings.Join(names, ", ")),
		decisions: []decision{
			{"Write all of them", goOn},
			{"Write only the record", recordOnly},
			{"Stop", stop},
		},
	}
}

func (o *adoptOptions) finish(ctx context.Context, m *merging) error {
	conflicts := m.conflicts()
	if !o.dryRun {
		if slices.ContainsFunc(m.edits, func(e merge.Edit) bool { return e.Old != nil && e.Path != tree.RecordFile }) {
			if err := m.refuse(ctx, o.force); err != nil {
				return err
			}
		}
		if err := m.apply(ctx); err != nil {
			return err
		}
	}
	if err := o.report(m); err != nil {
		return err
	}
	if len(conflicts) > 0 {
		return m.conflictError(conflicts, o.dryRun)
	}
	return nil
}

func (o *adoptOptions) report(m *merging) error {
	w := o.env.Out
	switch {
	case o.asJSON:
		return w.JSON(m.jsonReport(o.dryRun))
	case o.dryRun:
		m.printPlan()
		return nil
	}
	w.Line("%s: adopted as version %d of template %s", m.dir, m.template.Version, m.template.Name)
	for _, r := range m.merged {
		if r.Action == merge.Conflict || len(r.Edits()) > 0 {
			printMerged(w, r)
		}
	}
	w.Line("%-9s  %s", merge.Create, tree.RecordFile)
	if m.repo != nil && len(m.conflicts()) == 0 {
		w.Line("\nNext: look at git status, and commit")
	}
	return nil
}
