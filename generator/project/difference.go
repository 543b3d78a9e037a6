package project

import (
	"bytes"
	"maps"
	"slices"

	"dockerflow/generator/merge"
	"dockerflow/generator/tree"
)

// Status tells what the user made of a file, by the letter that git has for it.
type Status string

// The states of a file that is not what the template wrote.
const (
	Modified Status = "M"
	Absent   Status = "D" // deleted
	Retyped  Status = "T" // no regular file any more
	Unknown  Status = "?" // changed, but from what is not known
)

// Difference is what the user made of one file of the template's.
type Difference struct {
	Path     string
	Status   Status
	Was, Now *tree.File // nil where there is none, or none is known
}

// Changed lists the git blob ids, by path, of the files that are not what was written, apart from the ends of lines.
func (r *Record) Changed(ours tree.Tree) map[string]string {
	changed := map[string]string{}
	for p, id := range r.Files {
		if f, there := ours[p]; !there || merge.Pristine(f, id) == nil {
			changed[p] = id
		}
	}
	return changed
}

// Differences compares the project with what was written: contents has that by blob id, as far as it is known.
func (r *Record) Differences(ours tree.Tree, contents map[string][]byte) (all []Difference) {
	for _, p := range slices.Sorted(maps.Keys(r.Files)) {
		d := Difference{Path: p, Now: merge.At(ours, p)}
		if data, ok := contents[r.Files[p]]; ok {
			was := tree.NewFile(data)
			d.Was = &was
		} else if d.Now != nil {
			d.Was = merge.Pristine(*d.Now, r.Files[p])
		}
		switch {
		case d.Now == nil:
			d.Status = Absent
		case !d.Now.Mode.IsRegular():
			d.Status, d.Now = Retyped, nil
		case d.Was == nil:
			d.Status = Unknown
		case !tree.SameText(d.Was.Data, d.Now.Data), tree.CanExecute(d.Was.Mode) != tree.CanExecute(d.Now.Mode):
			d.Status = Modified
			if !bytes.Contains(d.Was.Data, []byte("\r\n")) && tree.IsText(d.Now.Data) {
				d.Now.Data = tree.ToUnix(d.Now.Data) // a difference in every line would hide all others
			}
		default:
			continue
		}
		all = append(all, d)
	}
	return all
}
