package apply

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"dockerflow/generator/tree"
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
func Inspect(fsys tree.FS, state string) (Recovery, error) {
	if ok, err := isState(fsys, state); !ok {
		return Recovery{}, err
	}
	s, err := fsys.Within(state)
	if err != nil {
		return Recovery{}, err
	}
	defer s.Close()
	return inspect(s)
}

func inspect(state tree.Dir) (Recovery, error) {
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
func Recover(fsys tree.FS, dir, state string) (Recovery, error) {
	return settle(fsys, dir, state, func(p Phase) bool { return p == Begun }, func(p Phase) bool { return p != Applied })
}

// Abort takes back an update that was applied and kept, or ended on the way. What the user wrote since is not lost.
func Abort(fsys tree.FS, dir, state string) (Recovery, error) {
	return settle(fsys, dir, state, func(p Phase) bool { return p != Finished }, func(Phase) bool { return true })
}

// Finish forgets how to take an update back.
func Finish(fsys tree.FS, dir, state string) error {
	_, err := settle(fsys, dir, state, func(p Phase) bool { return p == Begun }, func(Phase) bool { return true })
	return err
}

func settle(fsys tree.FS, dir, state string, back, forget func(Phase) bool) (Recovery, error) {
	state = filepath.Clean(state)
	if ok, err := isFolder(fsys, dir); !ok {
		return Recovery{}, err
	}
	if ok, err := isState(fsys, state); !ok {
		return Recovery{}, err
	}
	t, err := open(fsys, dir, state)
	if err != nil {
		return Recovery{}, err
	}
	defer t.close()
	found, err := t.settle(back, forget)
	if err != nil {
		err = fmt.Errorf("%s: %w", state, err)
	}
	return found, err
}

// isFolder takes what cannot be there for what is not.
func isFolder(fsys tree.FS, name string) (bool, error) {
	info, err := fsys.Stat(name)
	if err != nil && tree.Absent(err) {
		return false, nil
	}
	return err == nil && info.IsDir(), err
}

// isState reports whether there is a state folder. What else has its name is nothing that this program made.
func isState(fsys tree.FS, name string) (bool, error) {
	info, err := fsys.Lstat(name)
	switch {
	case err != nil && tree.Absent(err):
		return false, nil
	case err != nil:
		return false, err
	case !info.IsDir():
		return false, fmt.Errorf("%s %w: it is not a folder", name, ErrForeign)
	}
	return true, nil
}

// reenter opens and locks the state folder of an earlier run. Its lock may be gone, but only after its journal.
func (t *transaction) reenter() error {
	err := t.enter(0)
	if !errors.Is(err, fs.ErrNotExist) || t.state == nil {
		return err
	}
	for _, name := range []string{journalFile, appliedFile} {
		if _, err := t.state.Lstat(name); err == nil {
			return fmt.Errorf("%s %w: there is no %s", name, ErrForeign, lockFile)
		}
	}
	t.state.Close()
	return t.enter(os.O_CREATE)
}

func (t *transaction) settle(back, forget func(Phase) bool) (Recovery, error) {
	if err := t.reenter(); err != nil {
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
	if forget(found.Phase) {
		err = t.clear(name)
	}
	return found, err
}
