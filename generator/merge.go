package generator

import (
	"cmp"
	"context"
	"io/fs"
	"maps"
	"slices"

	"dockerflow/generator/budget"
)

// The actions of a merge, beside Create, Identical and Conflict.
const (
	Take    Action = "take"    // only the template changed it: as the template has it
	Keep    Action = "keep"    // only the user changed it: as it is
	Both    Action = "merge"   // both changed it, at different places
	Deleted Action = "deleted" // deleted by the user: stays deleted
	Gone    Action = "gone"    // the template no longer has it, the user changed it: as it is
	Remove  Action = "remove"  // the template no longer has it, the user did not change it
)

// Sides is what a merge is made of.
type Sides struct {
	// Base is what was written the last time, as far as it can still be had. What is not needed may be missing: see
	// Wanted.
	Base Tree
	// Recorded has the git blob id of all that was written the last time, by path. Nil means those of Base.
	Recorded map[string]string
	// Ours is the project, as ReadTree reads it. What is no regular file has the mode of what it is.
	Ours Tree
	// Theirs is what the template writes today.
	Theirs Tree
	// Moved tells where the template moved files, from old path to new.
	Moved map[string]string
	// Labels name the sides at conflict markers.
	Labels Labels
}

// Merged is what a merge makes of one path. A nil File is none.
type Merged struct {
	Path   string // where the template has it, or had it
	From   string // where it is now, if the template moved it
	Action Action
	Why    string // what a conflict is, and what else the action does not tell

	Base, Ours, Theirs *File // Ours is at From, if that is set
	Result             *File // what is at Path afterwards

	Conflicts int    // how many places are marked in Result
	Beside    string // where the template's content is put if it cannot be merged into that of the user
}

// Edit is the change of one path. A nil File is none.
type Edit struct {
	Path     string
	Old, New *File
	fresh    bool // the mode is that of a new file, which the umask has a say in
}

// Edits is what m changes.
func (m Merged) Edits() (all []Edit) {
	old := m.Ours
	if m.From != "" {
		all, old = append(all, Edit{Path: m.From, Old: m.Ours}), nil
	}
	if m.Beside != "" {
		all = append(all, Edit{Path: m.Beside, New: m.Theirs})
	}
	if special(old) && special(m.Result) || equal(old, m.Result) {
		return all
	}
	return append(all, Edit{Path: m.Path, Old: old, New: m.Result})
}

func special(f *File) bool { return f != nil && !f.Mode.IsRegular() }

func equal(a, b *File) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Mode == b.Mode && string(a.Data) == string(b.Data)
}

// Merge brings what the template changed since the last time into the project, file by file. It loses nothing of what
// the user wrote: where that cannot be told from what the template wrote, it is a conflict. The result is sorted by
// path, and has every path of Recorded and Theirs that there is anything to say about. It fails when ctx ends.
func Merge(ctx context.Context, s Sides) ([]Merged, error) {
	m := &merger{Sides: s, gone: map[string]bool{}, budget: budget.New(ctx, mergeLimits)}
	if m.Recorded == nil {
		m.Recorded = make(map[string]string, len(m.Base))
		for p, f := range m.Base {
			m.Recorded[p] = BlobID(f.Data)
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

// mergeLimits are for all files of a merge together, whose steps take some nanoseconds. What is left after that is merged
// in a coarser way.
var mergeLimits = budget.Limits{Steps: 50_000_000}

// merger is a merge under way.
type merger struct {
	Sides
	budget *budget.Budget
	from   map[string]string // of what is moved now: from new path to old
	left   map[string]bool   // old paths whose files the template has elsewhere
	was    map[string]string // from new path to the old one, which has its record
	gone   map[string]bool   // what is no longer at its path afterwards
	kept   map[string]bool   // folders that hold what stays, once they are asked for
	all    []Merged
}

// moves finds which files are to be moved: those that stand where the template had them, and not where it has them.
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
			continue // what is at the new path is the user's, or what is at the old one
		}
		if there {
			from[to] = old
		}
		m.left[old], m.was[to] = true, old
	}
	return from
}

// follow returns where the template has the file now that it had at old, or "" if it was not moved.
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

func (m *merger) ours(p string) (*File, bool) {
	f, ok := m.Ours[p]
	return &f, ok
}

func at(tree Tree, p string) *File {
	if f, ok := tree[p]; ok {
		return &f
	}
	return nil
}

// dropped is what becomes of a file that the template no longer has.
func (m *merger) dropped(p string) {
	ours, there := m.ours(p)
	if !there {
		return
	}
	r := Merged{Path: p, Action: Gone, Ours: ours, Result: ours, Base: m.base(p, p, nil)}
	switch {
	case special(ours):
		r.Why = what(ours.Mode)
	case r.Base == nil || !sameText(r.Base.Data, ours.Data):
		r.Why = "you changed it"
	case canExecute(r.Base.Mode) != canExecute(ours.Mode):
		r.Why = "you changed its mode"
	default:
		r.Action, r.Result = Remove, nil
		m.gone[p] = true
	}
	m.all = append(m.all, r)
}

// base is the pristine file whose record is at p: its content is known if we or the template still have it.
func (m *merger) base(p, ours string, theirs *File) *File {
	id, recorded := m.Recorded[p]
	if !recorded {
		return nil
	}
	if f := at(m.Base, p); f != nil {
		return f
	}
	if theirs != nil && BlobID(theirs.Data) == id {
		return theirs
	}
	if f := at(m.Ours, ours); f != nil {
		return pristine(*f, id)
	}
	return nil
}

// Wanted lists the git blob ids, by path, of those files of the last time that a merge needs and cannot find elsewhere.
// They are those that were changed on both sides, which are few.
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
		ours, theirs := at(m.Ours, p), at(m.Theirs, now)
		if ours == nil {
			ours = at(m.Ours, now)
		}
		if ours == nil || special(ours) || theirs != nil && equal(ours, theirs) {
			continue
		}
		place := p
		if at(m.Ours, p) == nil {
			place = now
		}
		if m.base(p, place, theirs) == nil {
			wanted[p] = id
		}
	}
	return wanted
}

// what says what a file is that is no regular one.
func what(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder is there"
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link is there"
	case mode&outside != 0:
		return "the folder that it should be in cannot be used"
	}
	return "something that is no regular file is there"
}
