package apply

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"dockerflow/generator/tree"
)

// Phase is how far an update got.
type Phase string

// The phases. An update that is complete, and whose state is not kept, has none.
const (
	None     Phase = ""
	Begun    Phase = "begun"    // it was interrupted
	Applied  Phase = "applied"  // it is complete, and Abort can roll it back
	Finished Phase = "finished" // it is complete, but its state was not removed
)

// Recovery describes an earlier update that was found, and what was done about it.
type Recovery struct {
	Phase Phase
	Notes map[string][]byte
	// Left are files that the update created and that were changed afterwards: they were not removed.
	Left []string
	// Kept are files that were changed after the update, and whose originals were restored. It maps them to the saved
	// copies of the changed versions.
	Kept map[string]string
}

// Inspect reports an earlier update, and changes nothing.
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

// Recover is called when a command begins. It rolls back an interrupted update, and removes the state of a complete
// one. An update whose state was kept is left for Abort or Finish.
func Recover(fsys tree.FS, dir, state string) (Recovery, error) {
	return settle(fsys, dir, state, func(p Phase) bool { return p == Begun }, func(p Phase) bool { return p != Applied })
}

// Abort rolls back an update that was kept or interrupted. Changes that the user made since are not lost.
func Abort(fsys tree.FS, dir, state string) (Recovery, error) {
	return settle(fsys, dir, state, func(p Phase) bool { return p != Finished }, func(Phase) bool { return true })
}

// Finish removes the state of an update, which can then no longer be rolled back.
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

// isFolder treats a path that cannot exist as one that does not.
func isFolder(fsys tree.FS, name string) (bool, error) {
	info, err := fsys.Stat(name)
	if err != nil && tree.Absent(err) {
		return false, nil
	}
	return err == nil && info.IsDir(), err
}

// isState reports whether there is a state folder. If something else has its name, this program did not create it.
func isState(fsys tree.FS, name string) (bool, error) {
	info, err := fsys.Lstat(name)
	switch {
	case err != nil && tree.Absent(err):
		return false, nil
	case err != nil:
		return false, err
	case !info.IsDir():
		return false, fmt.Errorf("%s %w: not a folder", name, ErrForeign)
	}
	return true, nil
}

// reenter opens and locks the state folder of an earlier run. The lock file may be missing, but only if the journal is
// missing, too.
func (t *transaction) reenter() error {
	err := t.enter(0)
	if !errors.Is(err, fs.ErrNotExist) || t.state == nil {
		return err
	}
	for _, name := range []string{journalFile, appliedFile} {
		if _, err := t.state.Lstat(name); err == nil {
			return fmt.Errorf("%s %w: %s is missing", name, ErrForeign, lockFile)
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
			return found, fmt.Errorf("roll back: %w", err)
		}
		name = journalFile
	}
	if forget(found.Phase) {
		err = t.clear(name)
	}
	return found, err
}
