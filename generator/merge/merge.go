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
	Base tree.Tree
	// Recorded has the git blob id of all that was written the last time, by path. Nil means those of Base.
	Recorded map[string]string
	// Ours is the project, as ReadTree reads it. What is no regular file has the mode of what it is.
	Ours tree.Tree
	// Theirs is what the template writes today.
	Theirs tree.Tree
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

	Base, Ours, Theirs *tree.File // Ours is at From, if that is set
	Result             *tree.File // what is at Path afterwards

	Conflicts int    // how many places are marked in Result
	Beside    string // where the template's content is put if it cannot be merged into that of the user
}

// Edit is the change of one path. A nil File is none.
type Edit struct {
	Path     string
	Old, New *tree.File
	Fresh    bool // the mode is that of a new file, which the umask has a say in
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
	if special(old) && special(m.Result) || Equal(old, m.Result) {
		return all
	}
	return append(all, Edit{Path: m.Path, Old: old, New: m.Result})
}

func special(f *tree.File) bool { return f != nil && !f.Mode.IsRegular() }

func Equal(a, b *tree.File) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Mode == b.Mode && string(a.Data) == string(b.Data)
}

// Merge brings what the template changed since the last time into the project, file by file. It loses nothing of what
// the user wrote: where that cannot be told from what the template wrote, it is a conflict. The result is sorted by
// path, and has every path of Recorded and Theirs that there is anything to say about. It fails when ctx ends.
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

// mergeLimits are for all files of a merge together, whose steps take some nanoseconds. What is left after that is merged
// in a coarser way.
var MergeLimits = budget.Limits{Steps: 50_000_000}

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

func (m *merger) ours(p string) (*tree.File, bool) {
	f, ok := m.Ours[p]
	return &f, ok
}

func At(tree tree.Tree, p string) *tree.File {
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

// base is the pristine file whose record is at p: its content is known if we or the template still have it.
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

// what says what a file is that is no regular one.
func what(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder is there"
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link is there"
	case mode&tree.Outside != 0:
		return "the folder that it should be in cannot be used"
	}
	return "something that is no regular file is there"
}

// pristine is the file of that blob id, if f is that but for the ends of its lines.
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

// The actions of a plan for a new project. Only Create and Overwrite write.
const (
	Create    Action = "create"
	Identical Action = "identical" // exists with the same content
	Conflict  Action = "conflict"  // exists and differs
	Skip      Action = "skip"      // a conflict that is left as it is
	Overwrite Action = "overwrite" // a conflict that is replaced
)

// Paths are those that a merge has to know the project's content of, in order.
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

// AddBases gives a merge the contents of ids that Wanted named.
func (s Sides) AddBases(wanted map[string]string, blobs map[string][]byte) {
	for p, id := range wanted {
		if data, ok := blobs[id]; ok {
			s.Base[p] = tree.NewFile(data)
		}
	}
}
