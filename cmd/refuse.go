package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"dockerflow/generator/failure"
	"dockerflow/generator/merge"
	"dockerflow/generator/phrase"
)

// refuse stops before work that git could not bring back.
func (m *merging) refuse(ctx context.Context, force bool) error {
	var absent []string
	for _, r := range m.merged {
		if known := m.index[place(r)]; len(known) == 1 && known[0].Absent {
			absent = append(absent, r.Path)
		}
	}
	if len(absent) > 0 {
		return failure.New("git sparse-checkout disable brings them here", "this checkout leaves files out: %s", strings.Join(some(absent), ", "))
	}
	if m.repo == nil || force {
		return nil
	}
	if err := m.compare(ctx); err != nil {
		return err
	}
	if dirty := m.differ.sure; len(dirty) > 0 {
		return failure.New("commit or stash them first, or go on with --force", "%s not committed: %s", phrase.Count(len(dirty), "file"), strings.Join(some(dirty), ", "))
	}
	var untracked, unknown []string
	for _, edit := range m.edits {
		if edit.Old != nil && m.index[edit.Path] == nil {
			untracked = append(untracked, edit.Path)
		}
		if slices.Contains(m.differ.perhaps, edit.Path) {
			unknown = append(unknown, edit.Path)
		}
	}
	if len(unknown) > 0 {
		return failure.New("see that git status shows none of them, then go on with --force",
			"cannot tell whether these are committed, because their git filter does not run here: %s", strings.Join(some(unknown), ", "))
	}
	if len(untracked) > 0 {
		return failure.New("commit them first, or go on with --force", "%s to be changed that git does not know: %s", phrase.Count(len(untracked), "file"),
			strings.Join(some(untracked), ", "))
	}
	return nil
}

func (m *merging) conflictError(conflicts []merge.Merged, dryRun bool) error {
	var names []string
	for _, r := range conflicts {
		names = append(names, r.Path)
	}
	says, hint := "conflicts in "+strings.Join(names, ", "), "decide them in the files, then commit; dockerflow update --abort takes the update back"
	if m.repo != nil {
		hint = "decide them in the files or by git mergetool, git add them and commit; dockerflow update --abort takes the update back"
	}
	if dryRun {
		says, hint = "there would be "+says, ""
	}
	return &failure.Error{Code: failure.Finding, Err: errors.New(says), Hint: hint}
}

// preview words the question after the last new one.
func (m *merging) preview() *preview {
	names := make([]string, 0, len(m.edits))
	for _, edit := range m.edits {
		names = append(names, edit.Path)
	}
	slices.Sort(names)
	v := &preview{says: fmt.Sprintf("%s to change: %s", phrase.Count(len(names), "file"), strings.Join(names, ", "))}
	if n := len(m.conflicts()); n > 0 {
		v.says += fmt.Sprintf("; conflicts in %s", phrase.Count(n, "file"))
	}
	v.decisions = []decision{{"Update them", goOn}, {"Stop", stop}}
	return v
}
