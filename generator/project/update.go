package project

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"dockerflow/generator/apply"
	"dockerflow/generator/failure"
	"dockerflow/generator/merge"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
)

// UpdatePlan lists what an update or an adoption would change in a project.
type UpdatePlan struct {
	Project  *Project
	Template *template.Template
	Answers  template.Answers
	Merged   []merge.Merged
	Edits    []merge.Edit // of the merged files and of the record
}

// PlanUpdate renders t and merges the result with the project. It writes nothing.
func (p *Project) PlanUpdate(ctx context.Context, t *template.Template, a template.Answers) (*UpdatePlan, error) {
	files, err := t.RenderContext(ctx, a)
	if err != nil {
		return nil, err
	}
	sides, kept := PrepareMerge(t, p.Record, files)
	sides.Labels = merge.Labels{
		Ours:   ourLabel,
		Base:   fmt.Sprintf("template %s, version %d", t.Name, p.Record.Version),
		Theirs: fmt.Sprintf("template %s, version %d, now", t.Name, t.Version),
	}
	if sides.Ours, err = tree.ReadTree(p.fs, p.Dir, sides.Paths()); err != nil {
		return nil, err
	}
	wanted := sides.Wanted()
	if p.repo != nil {
		blobs, err := p.repo.blobs(ctx, unique(wanted))
		if err != nil {
			return nil, failure.New("", "%w", err)
		}
		sides.AddBases(wanted, blobs)
	}
	merged, err := merge.Merge(ctx, sides)
	if err != nil {
		return nil, err
	}
	u := &UpdatePlan{Project: p, Template: t, Answers: a, Merged: merged}
	return u, u.addRecord(Written{
		Origin:  RecordedOrigin(t.Origin, p.Dir),
		Adopted: p.Record.Adopted,
		Files:   sides.Theirs,
		Kept:    kept,
		Bases:   Bases(p.Record, u.Merged, sides.Recorded),
	})
}

// addRecord adds the edits of the merged files and of the record to the plan.
func (u *UpdatePlan) addRecord(w Written) error {
	for _, r := range u.Merged {
		u.Edits = append(u.Edits, r.Edits()...)
	}
	ours, err := tree.ReadTree(u.Project.fs, u.Project.Dir, []string{tree.RecordFile})
	if err != nil {
		return err
	}
	if u.Project.Record != nil && len(u.Edits) == 0 && w.Origin.Ref == u.Project.Record.Origin.Ref {
		w.Origin.Commit = u.Project.Record.Origin.Commit // a later commit that writes the same files needs no update
	}
	record := Renew(u.Template, u.Project.Record, u.Project.text, u.Answers, w)
	edit := merge.Edit{Path: tree.RecordFile, New: &record}
	if old, ok := ours[tree.RecordFile]; ok {
		record.Mode, edit.Old = old.Mode, &old
		if string(old.Data) == string(record.Data) {
			return nil
		}
	}
	u.Edits = append(u.Edits, edit)
	return nil
}

// ourLabel names the user's side in conflict markers.
const ourLabel = "yours"

func unique(m map[string]string) []string {
	ids := map[string]bool{}
	for _, id := range m {
		ids[id] = true
	}
	return slices.Sorted(maps.Keys(ids))
}

// Conflicts returns the files with conflicts that the user must resolve.
func (u *UpdatePlan) Conflicts() []merge.Merged {
	return slices.DeleteFunc(slices.Clone(u.Merged), func(r merge.Merged) bool { return r.Action != merge.Conflict })
}

// Changes returns the number of the template's files that change or have conflicts.
func (u *UpdatePlan) Changes() (n int) {
	for _, r := range u.Merged {
		if r.Action == merge.Conflict || len(r.Edits()) > 0 {
			n++
		}
	}
	return n
}

// UpToDate reports whether there is nothing to do. A conflict can have no edit: a folder where a file belongs.
func (u *UpdatePlan) UpToDate() bool { return len(u.Edits) == 0 && u.Changes() == 0 }

// The notes in the state of an update with conflicts.
const (
	noteConflicts = "conflicts" // the paths
	noteHead      = "head"      // the commit that was checked out
	noteIndex     = "index"     // the index entries of the paths before the update
)

// Apply writes everything or nothing, and records the conflicts in git's index.
func (u *UpdatePlan) Apply(ctx context.Context) error {
	change := &apply.Transaction{Dir: u.Project.Dir, State: u.Project.state, Edits: u.Edits}
	var staged indexEntries
	if conflicts := u.Conflicts(); len(conflicts) > 0 {
		var err error
		if staged, err = u.entries(ctx, conflicts); err != nil {
			return failure.New("nothing was written", "%w", err)
		}
		change.Keep = true
		if change.Notes, err = u.notes(ctx, conflicts, staged.before); err != nil {
			return err
		}
	}
	if err := change.Apply(ctx, u.Project.fs); err != nil {
		if ctx.Err() != nil {
			return &failure.Error{Code: failure.Interrupted, Err: fmt.Errorf("interrupted: %s is unchanged", u.Project.Dir), Hint: ""}
		}
		return failure.New("", "update %s: %w", u.Project.Dir, err)
	}
	if u.Project.repo == nil {
		return nil
	}
	// The files are written: an interrupt must not leave the index out of step with them.
	if err := u.Project.repo.setIndex(context.WithoutCancel(ctx), staged.after); err != nil {
		return failure.New("dockerflow update --abort undoes the update", "the files are written, but git's index lacks the conflicts: %w", err)
	}
	return nil
}

func (u *UpdatePlan) notes(ctx context.Context, conflicts []merge.Merged, before map[string][]entry) (map[string][]byte, error) {
	var paths []string
	for _, r := range conflicts {
		paths = append(paths, r.Path)
	}
	notes := map[string][]byte{noteConflicts: []byte(strings.Join(paths, "\n"))}
	if u.Project.repo == nil {
		return notes, nil
	}
	index, err := json.Marshal(before)
	notes[noteIndex], notes[noteHead] = index, []byte(u.Project.repo.head(ctx))
	return notes, err
}
