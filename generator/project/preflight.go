package project

import (
	"context"
	"slices"

	"dockerflow/generator/failure"
	"dockerflow/generator/phrase"
)

// Preflight returns an error if the update could destroy work that git cannot restore. With force, it allows uncommitted
// changes.
func (u *UpdatePlan) Preflight(ctx context.Context, force bool) error {
	p := u.Project
	if err := p.consult(ctx); err != nil {
		return err
	}
	var absent []string
	for _, r := range u.Merged {
		if known := p.index[oldPath(r)]; len(known) == 1 && known[0].Absent {
			absent = append(absent, r.Path)
		}
	}
	if len(absent) > 0 {
		return failure.New("git sparse-checkout disable checks them out", "this sparse checkout leaves out files: %s", failure.List(absent))
	}
	if p.repo == nil || force {
		return nil
	}
	if err := p.compare(ctx); err != nil {
		return err
	}
	if dirty := p.differ.sure; len(dirty) > 0 {
		return failure.New("commit or stash them first, or use --force", "%s not committed: %s", phrase.Count(len(dirty), "file"), failure.List(dirty))
	}
	var untracked, unknown []string
	for _, edit := range u.Edits {
		if edit.Old != nil && p.index[edit.Path] == nil {
			untracked = append(untracked, edit.Path)
		}
		if slices.Contains(p.differ.perhaps, edit.Path) {
			unknown = append(unknown, edit.Path)
		}
	}
	if len(unknown) > 0 {
		return failure.New("check that git status lists none of them, then use --force",
			"cannot tell whether these are committed, because their git filter does not run here: %s", failure.List(unknown))
	}
	if len(untracked) > 0 {
		return failure.New("commit them first, or use --force", "%s would change: %s", phrase.Count(len(untracked), "untracked file"),
			failure.List(untracked))
	}
	return nil
}
