// Package merge merges what a template changed into a project: three-way, by file and by line. It works on trees in
// memory, and touches no disk.
package merge

import (
	"cmp"
	"context"
	"io/fs"
	"maps"
	"slices"

	"dockerflow/generator/budget"
	"dockerflow/generator/tree"
)

// The actions of a merge, in addition to Create, Identical and Conflict.
const (
	Take    Action = "take"    // only the template changed it: use the template's version
	Keep    Action = "keep"    // only the user changed it: keep it
	Both    Action = "merge"   // both changed it, in different places
	Deleted Action = "deleted" // the user deleted it: it stays deleted
	Gone    Action = "gone"    // the template no longer has it, but the user changed it: keep it
	Remove  Action = "remove"  // the template no longer has it, and the user did not change it: remove it
)

// Sides are the inputs of a merge.
type Sides struct {
	// Base is what the template wrote last time, as far as it is still available. Files that the merge does not need
	// may be missing: see Wanted.
	Base tree.Tree
	// Recorded maps each path that was written last time to its git blob id. Nil means the ids of Base.
	Recorded map[string]string
	// Ours is the project, as ReadTree reads it. A file that is not regular has its mode only.
	Ours tree.Tree
	// Theirs is what the template writes now.
	Theirs tree.Tree
	// Moved maps old paths to new ones, for files that the template moved.
	Moved map[string]string
	// Labels name the sides at conflict markers.
	Labels Labels
}

// Merged is the result of a merge for one path. A nil File means that there is no file.
type Merged struct {
	Path   string // where the template has it, or had it
	From   string // where it is in the project, if the template moved it
	Action Action
	Why    string // the reason for a conflict, or other details

	Base, Ours, Theirs *tree.File // Ours is at From, if From is set
	Result             *tree.File // the new file at Path

	Conflicts int    // number of conflicts marked in Result
	Beside    string // path for the template's version if it cannot be merged with the user's
}

// Edit is the change of one path. A nil File means that there is no file.
type Edit struct {
	Path     string
	Old, New *tree.File
	Fresh    bool // a new file, whose mode depends on the umask
}

// Edits returns the changes that m makes.
func (m Merged) Edits() (all []Edit) {
	old := m.Ours
	if m.From != "" {
		all, old = append(all, Edit{Path: m.From, Old: m.Ours}), nil
	}
	if m.Beside != "" {
		all = append(all, Edit{Path: m.Beside, New: m.Theirs})
	}
	if special(old) && special(m.Result) || Equal(old, m.Result) {
		return all
	}
	return append(all, Edit{Path: m.Path, Old: old, New: m.Result})
}

func special(f *tree.File) bool { return f != nil && !f.Mode.IsRegular() }

// Equal reports whether two files have the same mode and content. Both may be nil.
func Equal(a, b *tree.File) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Mode == b.Mode && string(a.Data) == string(b.Data)
}

// Merge merges the template's changes since the last time into the project, file by file. It loses nothing that the
// user wrote: if it cannot tell the user's changes from the template's, it reports a conflict. The result is sorted by
// path and covers all paths of Recorded and Theirs that need a report. Merge fails when ctx ends.
func Merge(ctx context.Context, s Sides) ([]Merged, error) {
	m := &merger{Sides: s, gone: map[string]bool{}, budget: budget.New(ctx, MergeLimits)}
	if m.Recorded == nil {
		m.Recorded = make(map[string]string, len(m.Base))
		for p, f := range m.Base {
			m.Recorded[p] = tree.BlobID(f.Data)
		}
	}
	m.from = m.moves()
	for _, p := range slices.Sorted(maps.Keys(m.Recorded)) {
		if _, ok := m.Theirs[p]; !ok && !m.left[p] {
			m.dropped(p)
		}
	}
	for _, from := range m.from {
		m.gone[from] = true
	}
	for _, p := range slices.Sorted(maps.Keys(m.Theirs)) {
		m.all = append(m.all, m.file(p))
	}
	slices.SortFunc(m.all, func(a, b Merged) int { return cmp.Compare(a.Path, b.Path) })
	return m.all, ctx.Err()
}

// MergeLimits apply to all files of a merge together; a step takes a few nanoseconds. When they are used up, the
// remaining files are merged less precisely.
var MergeLimits = budget.Limits{Steps: 50_000_000}

// merger is the state of a merge.
type merger struct {
	Sides
	budget *budget.Budget
	from   map[string]string // files moved by this merge: from new path to old
	left   map[string]bool   // old paths of files that the template has moved
	was    map[string]string // from new path to the old one, which has the record
	gone   map[string]bool   // paths that the merge frees
	kept   map[string]bool   // cache: whether a folder contains files that stay
	all    []Merged
}

// moves finds the files to move: those that are at the template's old path and not at its new one.
func (m *merger) moves() map[string]string {
	from := map[string]string{}
	m.left, m.was = map[string]bool{}, map[string]string{}
	for _, old := range slices.Sorted(maps.Keys(m.Recorded)) {
		to := m.follow(old)
		if to == "" || m.was[to] != "" {
			continue
		}
		ours, there := m.ours(old)
		_, taken := m.Ours[to]
		if there && (taken || special(ours)) {
			continue // the new path is in use, or there is no regular file at the old one
		}
		if there {
			from[to] = old
		}
		m.left[old], m.was[to] = true, old
	}
	return from
}

// follow returns the new path of the file that the template had at old, or "" if it did not move.
func (m *merger) follow(old string) string {
	if _, still := m.Theirs[old]; still {
		return ""
	}
	to := old
	for range m.Moved {
		next, ok := m.Moved[to]
		if !ok {
			return ""
		}
		to = next
		if _, known := m.Recorded[to]; known {
			return ""
		}
		if _, ok := m.Theirs[to]; ok {
			return to
		}
	}
	return ""
}

func (m *merger) ours(p string) (*tree.File, bool) {
	f, ok := m.Ours[p]
	return &f, ok
}

// At returns the file at p, or nil if there is none.
func At(tree tree.Tree, p string) *tree.File {
	if f, ok := tree[p]; ok {
		return &f
	}
	return nil
}

// dropped handles a file that the template no longer has.
func (m *merger) dropped(p string) {
	ours, there := m.ours(p)
	if !there {
		return
	}
	r := Merged{Path: p, Action: Gone, Ours: ours, Result: ours, Base: m.base(p, p, nil)}
	switch {
	case special(ours):
		r.Why = what(ours.Mode)
	case r.Base == nil || !tree.SameText(r.Base.Data, ours.Data):
		r.Why = "you changed it"
	case tree.CanExecute(r.Base.Mode) != tree.CanExecute(ours.Mode):
		r.Why = "you changed its mode"
	default:
		r.Action, r.Result = Remove, nil
		m.gone[p] = true
	}
	m.all = append(m.all, r)
}

// base returns the pristine file that is recorded at p. Its content is known only if ours or theirs still has it.
func (m *merger) base(p, ours string, theirs *tree.File) *tree.File {
	id, recorded := m.Recorded[p]
	if !recorded {
		return nil
	}
	if f := At(m.Base, p); f != nil {
		return f
	}
	if theirs != nil && tree.BlobID(theirs.Data) == id {
		return theirs
	}
	if f := At(m.Ours, ours); f != nil {
		return Pristine(*f, id)
	}
	return nil
}

// Wanted returns, by path, the git blob ids of the base files that a merge needs and that are not among the other
// sides. These are the files that both sides changed, which are few.
func (s Sides) Wanted() map[string]string {
	wanted := map[string]string{}
	m := &merger{Sides: s, gone: map[string]bool{}}
	m.from = m.moves()
	to := map[string]string{}
	for now, old := range m.was {
		to[old] = now
	}
	for p, id := range m.Recorded {
		now := cmp.Or(to[p], p)
		ours, theirs := At(m.Ours, p), At(m.Theirs, now)
		if ours == nil {
			ours = At(m.Ours, now)
		}
		if ours == nil || special(ours) || theirs != nil && Equal(ours, theirs) {
			continue
		}
		place := p
		if At(m.Ours, p) == nil {
			place = now
		}
		if m.base(p, place, theirs) == nil {
			wanted[p] = id
		}
	}
	return wanted
}

// what describes a file that is not regular.
func what(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "there is a folder at this path"
	case mode&fs.ModeSymlink != 0:
		return "there is a symbolic link at this path"
	case mode&tree.Outside != 0:
		return "its parent folder cannot be used"
	}
	return "the file at this path is not a regular file"
}

// Pristine returns f with the line endings that give it the blob id, or nil if f has other content.
func Pristine(f tree.File, id string) *tree.File {
	if !f.Mode.IsRegular() {
		return nil
	}
	for _, data := range [][]byte{f.Data, tree.ToUnix(f.Data)} {
		if tree.BlobID(data) == id {
			was := tree.NewFile(data)
			return &was
		}
	}
	return nil
}

// Action is what happens to one path.
type Action string

// The actions of a plan for a new project. Only Create and Overwrite write a file.
const (
	Create    Action = "create"
	Identical Action = "identical" // exists with the same content
	Conflict  Action = "conflict"  // exists with other content
	Skip      Action = "skip"      // a conflict: the file is kept
	Overwrite Action = "overwrite" // a conflict: the file is replaced
)

// Paths returns the paths whose content a merge needs from the project, sorted.
func (s Sides) Paths() []string {
	all := map[string]bool{}
	for p := range s.Recorded {
		all[p] = true
	}
	for p := range s.Theirs {
		all[p] = true
	}
	return slices.Sorted(maps.Keys(all))
}

// AddBases adds the contents of the ids that Wanted returned.
func (s Sides) AddBases(wanted map[string]string, blobs map[string][]byte) {
	for p, id := range wanted {
		if data, ok := blobs[id]; ok {
			s.Base[p] = tree.NewFile(data)
		}
	}
}
