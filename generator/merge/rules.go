package merge

import (
	"io/fs"
	"path"

	"dockerflow/generator/tree"
)

// file handles a path that the template has.
func (m *merger) file(p string) Merged {
	theirs := m.Theirs[p]
	r := Merged{Path: p, Theirs: &theirs}
	record, now := p, p
	if old, ok := m.was[p]; ok {
		record = old
	}
	if old, ok := m.from[p]; ok {
		r.From, now = old, old
	}
	if m.blocked(&r) {
		return r
	}
	if r.Ours = At(m.Ours, now); special(r.Ours) || m.gone[now] && r.From == "" {
		r.Ours = nil // it will be removed
	}
	_, recorded := m.Recorded[record]
	r.Base = m.base(record, now, r.Theirs)
	switch {
	case r.Ours == nil && recorded:
		r.Action = Deleted
	case r.Ours == nil:
		r.Action, r.Result = Create, r.Theirs
	default:
		m.content(&r, recorded)
	}
	return r
}

// blocked finds what prevents a file from being written, other than a file at the same path.
func (m *merger) blocked(r *Merged) bool {
	ours := At(m.Ours, r.Path)
	switch {
	case special(ours) && !m.emptied(r.Path, ours):
		r.Ours, r.Result, r.Why = ours, ours, what(ours.Mode)
	default:
		for dir := path.Dir(r.Path); dir != "."; dir = path.Dir(dir) {
			if f := At(m.Ours, dir); f != nil && !f.Mode.IsDir() && f.Mode&fs.ModeSymlink == 0 && !m.gone[dir] {
				r.Why = dir + " is a file"
			}
		}
		if r.Why == "" {
			return false
		}
	}
	r.From = ""
	if id, ok := m.Recorded[r.Path]; ok && tree.BlobID(r.Theirs.Data) == id {
		r.Action = Keep // the user replaced it, and the template did not change it
		return true
	}
	r.Action = Conflict
	if ours != nil && ours.Mode&tree.Outside == 0 {
		m.beside(r)
	}
	return true
}

// emptied reports whether everything in a folder will be removed.
func (m *merger) emptied(dir string, f *tree.File) bool {
	if m.kept == nil {
		m.kept = map[string]bool{}
		for p, inside := range m.Ours {
			for dir := path.Dir(p); dir != "." && inside.Mode != fs.ModeDir && !m.gone[p]; dir = path.Dir(dir) {
				m.kept[dir] = true
			}
		}
	}
	return f.Mode == fs.ModeDir && !m.kept[dir]
}

// content merges two versions of a file.
func (m *merger) content(r *Merged, recorded bool) {
	mode := mergedMode(r)
	set := func(a Action, data []byte) { r.Action, r.Result = a, &tree.File{Mode: mode, Data: data} }
	ours, theirs := r.Ours.Data, r.Theirs.Data
	switch {
	case tree.SameText(ours, theirs) && tree.CanExecute(mode) == tree.CanExecute(r.Theirs.Mode) && mode == r.Ours.Mode:
		set(Identical, ours)
	case tree.SameText(ours, theirs) && mode == r.Ours.Mode:
		set(Keep, ours)
		r.Why = "your mode is kept"
	case tree.SameText(ours, theirs):
		set(Take, ours)
		r.Why = "only the mode changes"
	case r.Base != nil && string(r.Base.Data) == string(ours):
		set(Take, theirs)
	case r.Base != nil && tree.SameText(r.Base.Data, theirs):
		set(Keep, ours)
		if mode != r.Ours.Mode {
			r.Action, r.Why = Both, "the mode comes from the template"
		}
	case !tree.IsText(ours) || !tree.IsText(theirs) || r.Base != nil && !tree.IsText(r.Base.Data):
		set(Conflict, ours)
		r.Why = "is binary"
		m.beside(r)
	case tooLong(ours) || tooLong(theirs) || r.Base != nil && tooLong(r.Base.Data):
		set(Conflict, ours)
		r.Why = "has too many lines to merge"
		m.beside(r)
	case r.Base == nil:
		data, n := mergeTwo(m.budget, ours, theirs, m.Labels)
		set(Conflict, data)
		r.Conflicts, r.Why = n, "you created this file, and the template now has one, too"
		if recorded {
			r.Why = "you and the template changed it, and there is no common base"
		}
	default:
		m.lines(r, set)
	}
}

func (m *merger) lines(r *Merged, set func(Action, []byte)) {
	data, n := Text(m.budget, r.Base.Data, r.Ours.Data, r.Theirs.Data, m.Labels)
	switch {
	case n > 0:
		set(Conflict, data)
		r.Conflicts, r.Why = n, "you and the template changed the same lines"
	case tree.SameText(data, r.Ours.Data):
		set(Keep, data)
	case tree.SameText(data, r.Theirs.Data):
		set(Take, data)
	default:
		set(Both, data)
	}
}

// mergedMode returns the user's mode. The executable bit comes from the template if only the template changed it.
func mergedMode(r *Merged) fs.FileMode {
	mode := r.Ours.Mode
	if r.Base == nil || tree.CanExecute(r.Base.Mode) == tree.CanExecute(r.Theirs.Mode) {
		return mode
	}
	if tree.CanExecute(r.Theirs.Mode) {
		return mode | mode&0o444>>2
	}
	return mode &^ 0o111
}

// beside returns a free path for the template's version, next to the user's file.
func (m *merger) beside(r *Merged) {
	for name := r.Path + tree.BesideSuffix; ; name += "~" {
		_, ours := m.Ours[name]
		_, theirs := m.Theirs[name]
		if !ours && !theirs {
			r.Beside = name
			return
		}
	}
}
