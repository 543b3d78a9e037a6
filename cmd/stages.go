package cmd

import (
	"context"
	"io/fs"
	"slices"

	"dockerflow/generator/merge"
)

// The stages of git's index.
const (
	stageBase = 1 + iota
	stageOurs
	stageTheirs
)

// staging is what git's index has of files in conflict: the three sides of each, and what there was before.
type staging struct{ after, before map[string][]entry }

// stages gives git the sides that it does not have, in two calls, and makes the entries of its index for them.
func (m *merging) stages(ctx context.Context, conflicts []merge.Merged) (staging, error) {
	s := staging{map[string][]entry{}, map[string][]entry{}}
	if m.repo == nil {
		return s, nil
	}
	if err := m.compare(ctx); err != nil {
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
		if m.committed(r) == nil {
			mine = append(mine, place(r))
		}
	}
	ids, err := m.repo.store(ctx, contents)
	if err != nil {
		return s, err
	}
	mineIDs, err := m.repo.storeFiles(ctx, mine)
	if err != nil {
		return s, err
	}
	for _, r := range conflicts {
		theirs := entry{Mode: gitMode(r.Theirs.Mode), ID: take(&ids), Stage: stageTheirs}
		var base []entry
		if r.Base != nil {
			base = []entry{{Mode: gitMode(r.Base.Mode), ID: take(&ids), Stage: stageBase}}
		}
		ours := entry{Mode: gitMode(r.Ours.Mode), Stage: stageOurs}
		if known := m.committed(r); known != nil {
			ours.Mode, ours.ID = known.Mode, known.ID
		} else {
			ours.ID = take(&mineIDs)
		}
		s.after[r.Path] = append(base, ours, theirs)
		s.before[r.Path] = m.index[r.Path]
	}
	return s, nil
}

func take(list *[]string) string {
	first := (*list)[0]
	*list = (*list)[1:]
	return first
}

// place is where the user's side of a file is.
func place(r merge.Merged) string {
	if r.From != "" {
		return r.From
	}
	return r.Path
}

// committed is what git has of the user's side, if that is what is in the work tree.
func (m *merging) committed(r merge.Merged) *entry {
	known := m.index[place(r)]
	if len(known) != 1 || known[0].Stage != 0 || slices.Contains(m.differ.sure, place(r)) || slices.Contains(m.differ.perhaps, place(r)) {
		return nil
	}
	return &known[0]
}

func gitMode(m fs.FileMode) string {
	if m&0o100 != 0 {
		return "100755"
	}
	return "100644"
}
