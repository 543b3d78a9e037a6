package generator

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/spf13/afero"
)

// Phase is how far an update had come.
type Phase string

// The phases. An update that was not kept has none when it is done.
const (
	None     Phase = ""
	Begun    Phase = "begun"    // it was ended on the way
	Applied  Phase = "applied"  // it is complete, and Abort can take it back
	Finished Phase = "finished" // it was complete, and only its state was left over
)

// Recovery is what was found of an earlier update, and what was done about it.
type Recovery struct {
	Phase Phase
	Notes map[string][]byte
	// Left are files that the update made and that were changed since: they are still there.
	Left []string
	// Kept tells, for files that were changed since and have their original again, where the changed one is.
	Kept map[string]string
}

// Look tells what there is of an earlier update, and changes nothing.
func Look(fsys FS, state string) (Recovery, error) {
	if ok, err := isFolder(fsys, state); !ok {
		return Recovery{}, err
	}
	s, err := fsys.Within(state)
	if err != nil {
		return Recovery{}, err
	}
	defer s.Close()
	return inspect(s)
}

func inspect(state Dir) (Recovery, error) {
	j, _, err := readJournal(state, appliedFile)
	switch {
	case err == nil && j.Keep:
		return Recovery{Phase: Applied, Notes: j.Notes}, nil
	case err == nil:
		return Recovery{Phase: Finished, Notes: j.Notes}, nil
	case !errors.Is(err, fs.ErrNotExist):
		return Recovery{}, err
	}
	j, _, err = readJournal(state, journalFile)
	if errors.Is(err, fs.ErrNotExist) {
		return Recovery{Phase: Begun}, nil
	}
	if err != nil {
		return Recovery{}, err
	}
	return Recovery{Phase: Begun, Notes: j.Notes}, nil
}

// Recover is for the begin of a command: it takes back an update that was ended on the way, and clears up after one
// that was not. One that was applied and kept stays, for Abort or Finish.
func Recover(fsys FS, dir, state string) (Recovery, error) {
	return settle(fsys, dir, state, func(p Phase) bool { return p == Begun }, func(p Phase) bool { return p != Applied })
}

// Abort takes back an update that was applied and kept, or ended on the way. What the user wrote since is not lost.
func Abort(fsys FS, dir, state string) (Recovery, error) {
	return settle(fsys, dir, state, func(p Phase) bool { return p != Finished }, func(Phase) bool { return true })
}

// Finish forgets how to take an update back.
func Finish(fsys FS, dir, state string) error {
	_, err := settle(fsys, dir, state, func(p Phase) bool { return p == Begun }, func(Phase) bool { return true })
	return err
}

func settle(fsys FS, dir, state string, back, clear func(Phase) bool) (Recovery, error) {
	state = filepath.Clean(state)
	for _, d := range []string{dir, state} {
		if ok, err := isFolder(fsys, d); !ok {
			return Recovery{}, err
		}
	}
	t, err := open(fsys, dir, state)
	if err != nil {
		return Recovery{}, err
	}
	defer t.close()
	found, err := t.settle(back, clear)
	if err != nil {
		err = fmt.Errorf("%s: %w", state, err)
	}
	return found, err
}

// isFolder takes what cannot be there for what is not.
func isFolder(fsys FS, name string) (bool, error) {
	info, err := fsys.Stat(name)
	if err != nil && absent(err) {
		return false, nil
	}
	return err == nil && info.IsDir(), err
}

func (t *transaction) settle(back, clear func(Phase) bool) (Recovery, error) {
	if err := t.enter(os.O_CREATE); err != nil {
		return Recovery{}, err
	}
	found, err := inspect(t.state)
	if err != nil {
		return found, err
	}
	name := journalFile
	if found.Phase != Begun {
		name = appliedFile
	}
	if back(found.Phase) {
		t.journal, t.originals, err = readJournal(t.state, name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return found, err
		}
		done, err := t.rollback()
		found.Left, found.Kept = done.Left, done.Kept
		if err != nil {
			return found, fmt.Errorf("take back: %w", err)
		}
		name = journalFile
	}
	if clear(found.Phase) {
		err = t.clear(name)
	}
	return found, err
}

// clear removes the state: first what says that there is one, and nothing that is not ours.
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

// rollback takes back what the journal says, as far as it was done. If it is ended on the way, it can be repeated.
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
		old := File{e.Old.Mode, t.originals[at : at+e.Old.Size]}
		at += e.Old.Size
		if err := t.restore(e, old, j.back(i), &r); err != nil {
			return r, err
		}
	}
	return r, nil
}

// uncreate removes what was created, and what is not yet in its place.
func (t *transaction) uncreate(r *Recovery) error {
	for i, e := range t.journal.Edits {
		for _, temp := range []string{t.journal.temp(i), t.journal.back(i)} {
			if err := t.dir.Remove(temp); err != nil && !absent(err) {
				return err
			}
		}
		if e.Old != nil || t.placed != nil && !t.placed[e.Path] {
			continue
		}
		if err := t.uncreateFile(e, r); err != nil {
			return err
		}
	}
	return nil
}

// restoreFolders removes the folders that were made, and makes those that were removed.
func (t *transaction) restoreFolders() error {
	j := t.journal
	for _, dir := range slices.Backward(j.Made) {
		if err := removeEmpty(t.dir, dir); err != nil {
			return err
		}
	}
	for _, d := range j.Emptied {
		if _, err := t.dir.Lstat(d.Path); !absent(err) {
			continue
		}
		if err := t.dir.Mkdir(d.Path, 0o755); err != nil {
			return err
		}
		if err := t.dir.Chmod(d.Path, d.Mode); err != nil {
			return err
		}
	}
	return nil
}

// uncreateFile removes a file that was created, unless it was changed since.
func (t *transaction) uncreateFile(e journalEdit, r *Recovery) error {
	info, err := t.dir.Lstat(e.Path)
	switch {
	case absent(err), err == nil && info.IsDir():
		return nil
	case err != nil:
		return err
	}
	if info.Mode().IsRegular() {
		f, err := readFile(t.dir, e.Path)
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

// restore puts an original back in its place. What was changed since is kept elsewhere.
func (t *transaction) restore(e journalEdit, old File, temp string, r *Recovery) error {
	info, err := t.dir.Lstat(e.Path)
	switch {
	case absent(err):
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		r.Left = append(r.Left, e.Path)
		return nil
	default:
		now, err := readFile(t.dir, e.Path)
		switch {
		case err != nil:
			return err
		case equal(&now, &old):
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
	if err := t.dir.Chmod(temp, old.Mode); err != nil {
		return err
	}
	return t.dir.Rename(temp, e.Path)
}

// keep saves what the user made of a file, beside the state folder.
func (t *transaction) keep(p string, now File, r *Recovery) error {
	name := path.Join(t.name+".kept", t.journal.Token, p)
	r.Kept[p] = name
	if had, err := afero.ReadFile(t.above, name); err == nil && string(had) == string(now.Data) {
		return nil
	}
	if err := t.above.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	return writeDurable(t.above, name, now.Data)
}
