package project

import (
	"context"
	"fmt"
	"slices"

	"dockerflow/generator/failure"
)

// Preflight stops before work that git could not bring back. Force lets it go on over changes that are not committed.
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
		return failure.New("git sparse-checkout disable brings them here", "this checkout leaves files out: %s", failure.List(absent))
	}
	if p.repo == nil || force {
		return nil
	}
	if err := p.compare(ctx); err != nil {
		return err
	}
	if dirty := p.differ.sure; len(dirty) > 0 {
		return failure.New("commit or stash them first, or go on with --force", "%s not committed: %s", count(len(dirty)), failure.List(dirty))
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
		return failure.New("see that git status shows none of them, then go on with --force",
			"cannot tell whether these are committed, because their git filter does not run here: %s", failure.List(unknown))
	}
	if len(untracked) > 0 {
		return failure.New("commit them first, or go on with --force", "%s to be changed that git does not know: %s", count(len(untracked)),
			failure.List(untracked))
	}
	return nil
}

// count says how many files there are.
func count(n int) string {
	if n == 1 {
		return "1 file"
	}
	return fmt.Sprintf("%d files", n)
}
