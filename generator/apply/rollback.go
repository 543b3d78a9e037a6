package apply

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"

	"dockerflow/generator/merge"
	"dockerflow/generator/tree"
)

// clear removes the state folder: first the file that marks it as one. It removes only files that this program
// created.
func (t *transaction) clear(name string) error {
	if t.state == nil {
		return t.above.Remove(t.name)
	}
	for _, n := range []string{name, unfinished, originalsFile, lockFile} {
		if err := t.state.Remove(n); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return t.above.Remove(t.name)
}

// rollback undoes what the journal lists, as far as it was done. It can be repeated after an interruption.
func (t *transaction) rollback() (Recovery, error) {
	r := Recovery{Kept: map[string]string{}}
	j := t.journal
	if j == nil {
		return r, nil
	}
	if err := t.state.Rename(appliedFile, journalFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return r, err
	}
	if err := t.uncreate(&r); err != nil {
		return r, err
	}
	if err := t.restoreFolders(); err != nil {
		return r, err
	}
	at := 0
	for i, e := range j.Edits {
		if e.Old == nil {
			continue
		}
		old := tree.File{Mode: e.Old.Mode, Data: t.originals[at : at+e.Old.Size]}
		at += e.Old.Size
		if !t.mayHaveTouched(e.Path) {
			continue
		}
		if err := t.restore(e, old, j.back(i), &r); err != nil {
			return r, err
		}
	}
	return r, nil
}

// uncreate removes files that were created, and files that are not yet in place.
func (t *transaction) uncreate(r *Recovery) error {
	for i, e := range t.journal.Edits {
		for _, temp := range []string{t.journal.temp(i), t.journal.back(i)} {
			if err := t.dir.Remove(temp); err != nil && !tree.Absent(err) {
				return err
			}
		}
		if e.Old != nil || !t.mayHaveTouched(e.Path) {
			continue
		}
		if err := t.uncreateFile(e, r); err != nil {
			return err
		}
	}
	return nil
}

// mayHaveTouched reports whether the update may have changed a path. Only the process that ran the update knows this.
func (t *transaction) mayHaveTouched(p string) bool {
	if t.touched == nil {
		return true
	}
	_, ok := t.touched.Load(p)
	return ok
}

// restoreFolders removes the folders that were created, and recreates those that were removed.
func (t *transaction) restoreFolders() error {
	j := t.journal
	for _, dir := range slices.Backward(j.Made) {
		if err := removeEmpty(t.dir, dir); err != nil {
			return err
		}
	}
	for _, d := range j.Emptied {
		if _, err := t.dir.Lstat(d.Path); !tree.Absent(err) {
			continue
		}
		if err := t.dir.Mkdir(d.Path, 0o755); err != nil {
			return err
		}
		if err := t.dir.Chmod(d.Path, d.Mode.Perm()); err != nil {
			return err
		}
	}
	return nil
}

// uncreateFile removes a file that was created, unless it was changed afterwards.
func (t *transaction) uncreateFile(e journalEdit, r *Recovery) error {
	info, err := t.dir.Lstat(e.Path)
	switch {
	case tree.Absent(err), err == nil && info.IsDir():
		return nil
	case err != nil:
		return err
	}
	if info.Mode().IsRegular() {
		f, err := tree.ReadFile(t.dir, e.Path)
		if err != nil {
			return err
		}
		if e.New.is(f) {
			return t.dir.Remove(e.Path)
		}
	}
	r.Left = append(r.Left, e.Path)
	return nil
}

// restore puts an original back in place. If the file was changed afterwards, the changed version is saved.
func (t *transaction) restore(e journalEdit, old tree.File, temp string, r *Recovery) error {
	info, err := t.dir.Lstat(e.Path)
	switch {
	case tree.Absent(err):
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		r.Left = append(r.Left, e.Path)
		return nil
	default:
		now, err := tree.ReadFile(t.dir, e.Path)
		switch {
		case err != nil:
			return err
		case merge.Equal(&now, &old):
			return nil
		case !e.New.is(now) && !e.Old.is(now):
			if err := t.keep(e.Path, now, r); err != nil {
				return err
			}
		}
	}
	h, err := t.dir.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := put(h, old.Data); err != nil {
		return err
	}
	if err := t.dir.Chmod(temp, old.Mode.Perm()); err != nil {
		return err
	}
	return t.dir.Rename(temp, e.Path)
}

// keep saves the user's version of a file next to the state folder.
func (t *transaction) keep(p string, now tree.File, r *Recovery) error {
	name := path.Join(t.name+".kept", t.journal.Token, p)
	r.Kept[p] = name
	if had, err := tree.ReadFile(t.above, name); err == nil && bytes.Equal(had.Data, now.Data) {
		return nil
	}
	if err := t.above.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	return writeDurable(t.above, name, now.Data)
}
