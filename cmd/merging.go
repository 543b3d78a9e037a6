package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"dockerflow/generator/apply"
	"dockerflow/generator/failure"
	"dockerflow/generator/merge"
	"dockerflow/generator/project"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
)

// merging is what an update, or an adoption, would do to a project.
type merging struct {
	*existing
	template *template.Template
	answers  template.Answers
	merged   []merge.Merged
	edits    []merge.Edit // of merged, and of the record
}

// merge renders today's template and merges it into the project. It changes nothing.
func (e *existing) merge(ctx context.Context, t *template.Template, a template.Answers) (*merging, error) {
	files, err := t.RenderContext(ctx, a)
	if err != nil {
		return nil, err
	}
	sides, kept := project.PrepareMerge(t, e.record, files)
	sides.Labels = merge.Labels{
		Ours:   ourLabel,
		Base:   fmt.Sprintf("template %s, version %d", t.Name, e.record.Version),
		Theirs: fmt.Sprintf("template %s, version %d, now", t.Name, t.Version),
	}
	if sides.Ours, err = tree.ReadTree(e.env.FS, e.dir, sides.Paths()); err != nil {
		return nil, err
	}
	wanted := sides.Wanted()
	if e.repo != nil {
		blobs, err := e.repo.blobs(ctx, unique(wanted))
		if err != nil {
			return nil, failure.New("", "%w", err)
		}
		sides.AddBases(wanted, blobs)
	}
	merged, err := merge.Merge(ctx, sides)
	if err != nil {
		return nil, err
	}
	m := &merging{existing: e, template: t, answers: a, merged: merged}
	return m, m.plan(project.Written{
		Origin:  recordedOrigin(t.Origin, e.dir),
		Adopted: e.record.Adopted,
		Files:   sides.Theirs,
		Kept:    kept,
		Bases:   project.Bases(e.record, m.merged, sides.Recorded),
	})
}

// plan lists what is to be changed: the files, and the record of them.
func (m *merging) plan(w project.Written) error {
	for _, r := range m.merged {
		m.edits = append(m.edits, r.Edits()...)
	}
	ours, err := tree.ReadTree(m.env.FS, m.dir, []string{tree.RecordFile})
	if err != nil {
		return err
	}
	if m.record != nil && len(m.edits) == 0 && w.Origin.Ref == m.record.Origin.Ref {
		w.Origin.Commit = m.record.Origin.Commit // a later one that writes the same is nothing to be committed here
	}
	record := project.Renew(m.template, m.record, m.text, m.answers, w)
	edit := merge.Edit{Path: tree.RecordFile, New: &record}
	if old, ok := ours[tree.RecordFile]; ok {
		record.Mode, edit.Old = old.Mode, &old
		if string(old.Data) == string(record.Data) {
			return nil
		}
	}
	m.edits = append(m.edits, edit)
	return nil
}

// ourLabel names the user's side at conflict markers.
const ourLabel = "yours"

func unique(m map[string]string) []string {
	ids := map[string]bool{}
	for _, id := range m {
		ids[id] = true
	}
	return sorted(ids)
}

func (m *merging) conflicts() []merge.Merged {
	return slices.DeleteFunc(slices.Clone(m.merged), func(r merge.Merged) bool { return r.Action != merge.Conflict })
}

// changes is how many of the template's files are changed, or need the user.
func (m *merging) changes() (n int) {
	for _, r := range m.merged {
		if r.Action == merge.Conflict || len(r.Edits()) > 0 {
			n++
		}
	}
	return n
}

// upToDate tells whether there is nothing to do. A folder in the way of a file is a conflict without an edit.
func (m *merging) upToDate() bool { return len(m.edits) == 0 && m.changes() == 0 }

// What the state of an update with conflicts has to remember.
const (
	noteConflicts = "conflicts" // the paths
	noteHead      = "head"      // the commit that was checked out
	noteIndex     = "index"     // what git's index had of the paths
)

// apply writes everything or nothing, and lets git know of the conflicts.
func (m *merging) apply(ctx context.Context) error {
	u := &apply.Transaction{Dir: m.dir, State: m.state, Edits: m.edits}
	var stages staging
	if conflicts := m.conflicts(); len(conflicts) > 0 {
		var err error
		if stages, err = m.stages(ctx, conflicts); err != nil {
			return failure.New("nothing was written", "%w", err)
		}
		u.Keep = true
		if u.Notes, err = m.notes(ctx, conflicts, stages.before); err != nil {
			return err
		}
	}
	if err := u.Apply(ctx, m.env.FS); err != nil {
		if ctx.Err() != nil {
			return &failure.Error{Code: failure.Interrupted, Err: fmt.Errorf("interrupted: %s is as it was", m.dir), Hint: ""}
		}
		return failure.New("", "update %s: %w", m.dir, err)
	}
	if m.repo == nil {
		return nil
	}
	// The files are written: an interrupt must not part them from what the index says of them.
	if err := m.repo.setIndex(context.WithoutCancel(ctx), stages.after); err != nil {
		return failure.New("dockerflow update --abort takes the update back", "the files are written, but git does not know of the conflicts: %w", err)
	}
	return nil
}

func (m *merging) notes(ctx context.Context, conflicts []merge.Merged, before map[string][]entry) (map[string][]byte, error) {
	var paths []string
	for _, r := range conflicts {
		paths = append(paths, r.Path)
	}
	notes := map[string][]byte{noteConflicts: []byte(strings.Join(paths, "\n"))}
	if m.repo == nil {
		return notes, nil
	}
	index, err := json.Marshal(before)
	notes[noteIndex], notes[noteHead] = index, []byte(m.repo.head(ctx))
	return notes, err
}
