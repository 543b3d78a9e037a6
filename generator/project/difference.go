package project

import (
	"bytes"
	"maps"
	"slices"

	"dockerflow/generator/merge"
	"dockerflow/generator/tree"
)

// Status is how the user changed a file, as git's status letter.
type Status string

// The states of a file that differs from what the template wrote.
const (
	Modified Status = "M"
	Absent   Status = "D" // deleted
	Retyped  Status = "T" // no longer a regular file
	Unknown  Status = "?" // changed, and the original is unknown
)

// Difference is how the user changed one of the template's files.
type Difference struct {
	Path     string
	Status   Status
	Was, Now *tree.File // nil if there is none or it is unknown
}

// Changed returns the recorded git blob ids, by path, of the files that were changed. It ignores line endings.
func (r *Record) Changed(ours tree.Tree) map[string]string {
	changed := map[string]string{}
	for p, id := range r.Files {
		if f, there := ours[p]; !there || merge.Pristine(f, id) == nil {
			changed[p] = id
		}
	}
	return changed
}

// Differences compares the project's files with their pristine contents. contents has those that are known, by blob id.
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
				d.Now.Data = tree.ToUnix(d.Now.Data) // a difference in every line would hide the real ones
			}
		default:
			continue
		}
		all = append(all, d)
	}
	return all
}
