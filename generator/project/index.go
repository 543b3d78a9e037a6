package project

import (
	"context"
	"slices"

	"dockerflow/generator/merge"
	"dockerflow/generator/tree"
)

// The stages of git's index.
const (
	stageBase = 1 + iota
	stageOurs
	stageTheirs
)

// indexEntries are the entries of git's index for files in conflict, by path: the three sides after an update, and the
// entries before it.
type indexEntries struct{ after, before map[string][]entry }

// entries stores the sides that git does not have, in two calls, and returns their index entries.
func (u *UpdatePlan) entries(ctx context.Context, conflicts []merge.Merged) (indexEntries, error) {
	s := indexEntries{map[string][]entry{}, map[string][]entry{}}
	if u.Project.repo == nil {
		return s, nil
	}
	if err := u.Project.compare(ctx); err != nil {
		return s, err
	}
	conflicts = slices.DeleteFunc(conflicts, func(r merge.Merged) bool {
		return r.Ours == nil || !r.Ours.Mode.IsRegular() || r.Theirs == nil
	})
	var contents [][]byte
	var mine []string
	for _, r := range conflicts {
		contents = append(contents, r.Theirs.Data)
		if r.Base != nil {
			contents = append(contents, r.Base.Data)
		}
		if u.committed(r) == nil {
			mine = append(mine, oldPath(r))
		}
	}
	ids, err := u.Project.repo.store(ctx, contents)
	if err != nil {
		return s, err
	}
	mineIDs, err := u.Project.repo.storeFiles(ctx, mine)
	if err != nil {
		return s, err
	}
	for _, r := range conflicts {
		theirs := entry{Mode: tree.GitMode(r.Theirs.Mode), ID: take(&ids), Stage: stageTheirs}
		var base []entry
		if r.Base != nil {
			base = []entry{{Mode: tree.GitMode(r.Base.Mode), ID: take(&ids), Stage: stageBase}}
		}
		ours := entry{Mode: tree.GitMode(r.Ours.Mode), Stage: stageOurs}
		if known := u.committed(r); known != nil {
			ours.Mode, ours.ID = known.Mode, known.ID
		} else {
			ours.ID = take(&mineIDs)
		}
		s.after[r.Path] = append(base, ours, theirs)
		s.before[r.Path] = u.Project.index[r.Path]
	}
	return s, nil
}

func take(list *[]string) string {
	first := (*list)[0]
	*list = (*list)[1:]
	return first
}

// oldPath returns the path of the user's side of a file.
func oldPath(r merge.Merged) string {
	if r.From != "" {
		return r.From
	}
	return r.Path
}

// committed returns the index entry of the user's side if it matches the work tree, and nil otherwise.
func (u *UpdatePlan) committed(r merge.Merged) *entry {
	path, p := oldPath(r), u.Project
	known := p.index[path]
	if len(known) != 1 || known[0].Stage != 0 || slices.Contains(p.differ.sure, path) || slices.Contains(p.differ.perhaps, path) {
		return nil
	}
	return &known[0]
}
