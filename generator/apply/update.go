package apply

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/afero"

	"dockerflow/generator/merge"
	"dockerflow/generator/regular"
	"dockerflow/generator/tree"
)

// Transaction changes files in an existing folder: all or none, even if the process is killed. Before the first
// change, a state folder contains all that is needed to roll back; Recover uses it.
type Transaction struct {
	Dir   string            // the project
	State string            // the state folder, which must not exist: StateFolder in the project, or any other path
	Edits []merge.Edit      // in any order
	Notes map[string][]byte // data that the caller stores with the state
	Keep  bool              // keep the state after success, so that Abort can roll back until Finish is called
}

// ErrChanged is returned for a file that changed since the update was planned.
var ErrChanged = errors.New("was changed in the meantime")

// ErrPending is returned if an earlier update left its state: call Recover, Abort or Finish first.
var ErrPending = errors.New("an earlier run is not finished")

// ErrBusy is returned if another process is using the folder.
var ErrBusy = errors.New("another dockerflow process is using this folder")

// Apply applies the update. If it fails or ctx ends, it rolls back.
func (u *Transaction) Apply(ctx context.Context, fsys tree.FS) error {
	t, err := u.begin(fsys)
	if err != nil {
		return err
	}
	defer t.close()
	err = t.prepare(ctx, u)
	if err == nil {
		err = t.commit(ctx, u.Edits)
	}
	if err != nil {
		if _, back := t.rollback(); back != nil {
			return errors.Join(err, fmt.Errorf("roll back: %w: the next run continues", back))
		}
		return errors.Join(err, t.clear(journalFile))
	}
	if u.Keep {
		return nil
	}
	if err := t.clear(appliedFile); err != nil {
		return fmt.Errorf("all files are written, but %s could not be removed: %w", u.State, err)
	}
	return nil
}

// transaction is an update in progress, or one that is being rolled back.
type transaction struct {
	dir       tree.Dir
	above     tree.Dir // the parent of the state folder
	name      string   // of the state folder
	state     tree.Dir
	lock      afero.File
	journal   *journal // set as soon as the journal is in force
	originals []byte
	touched   *sync.Map // paths that this process has changed; nil if another process ran the update
}

func (t *transaction) close() {
	if t.lock != nil {
		tree.Unlock(t.lock) // closing alone would leave the lock to a child that was just forked, for a moment
		t.lock.Close()
	}
	for _, c := range []interface{ Close() error }{t.state, t.above, t.dir} {
		if c != nil {
			c.Close()
		}
	}
}

func (u *Transaction) begin(fsys tree.FS) (*transaction, error) {
	u.Edits = slices.Clone(u.Edits)
	slices.SortFunc(u.Edits, func(a, b merge.Edit) int { return strings.Compare(a.Path, b.Path) })
	for i, e := range u.Edits {
		if err := checkEditPath(e.Path); err != nil {
			return nil, fmt.Errorf("path %q: %w", e.Path, err)
		}
		if i > 0 && u.Edits[i-1].Path == e.Path {
			return nil, fmt.Errorf("path %q: the update changes it twice", e.Path)
		}
	}
	t, err := open(fsys, u.Dir, u.State)
	if err != nil {
		return nil, err
	}
	err = t.above.Mkdir(t.name, 0o700)
	if errors.Is(err, fs.ErrExist) {
		err = ErrPending
	}
	if err == nil {
		if err = t.enter(os.O_CREATE | os.O_EXCL); err != nil {
			err = errors.Join(err, t.clear(journalFile))
		}
	}
	if err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// open opens the project and the parent of its state folder.
func open(fsys tree.FS, dir, state string) (*transaction, error) {
	d, err := fsys.Within(dir)
	if err != nil {
		return nil, err
	}
	above, err := fsys.Within(filepath.Dir(filepath.Clean(state)))
	if err != nil {
		d.Close()
		return nil, err
	}
	return &transaction{dir: d, above: above, name: filepath.Base(state)}, nil
}

// enter opens and locks the state folder.
func (t *transaction) enter(flag int) error {
	state, err := t.above.Within(t.name)
	if err != nil {
		return err
	}
	t.state = state
	f, err := state.OpenFile(lockFile, os.O_RDWR|flag, 0o600)
	if errors.Is(err, regular.Err) {
		err = fmt.Errorf("%w: %w", ErrForeign, err)
	}
	if err != nil {
		return err
	}
	t.lock = f
	ok, err := tree.TryLock(f)
	if err == nil && !ok {
		err = ErrBusy
	}
	return err
}

// prepare saves the originals and the journal. It changes nothing in the project.
func (t *transaction) prepare(ctx context.Context, u *Transaction) error {
	j := &journal{Token: rand.Text()[:10], Keep: u.Keep, Notes: u.Notes}
	var originals bytes.Buffer
	for _, e := range u.Edits {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := t.glance(e); err != nil {
			return err
		}
		j.Edits = append(j.Edits, journalEdit{e.Path, newBlob(e.Old), newBlob(e.New)})
		if e.Old != nil {
			originals.Write(e.Old.Data)
		}
		if originals.Len() > maxOriginals {
			return &tree.LimitError{What: "in the files that would change", Limit: maxOriginals}
		}
	}
	t.originals = originals.Bytes()
	if err := t.folders(j); err != nil {
		return err
	}
	lock, err := t.lock.Stat()
	if err != nil {
		return err
	}
	data, err := j.format(lock)
	if err != nil {
		return err
	}
	if err := writeDurable(t.state, originalsFile, t.originals); err != nil {
		return err
	}
	if err := writeDurable(t.state, unfinished, data); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if err := t.enact(unfinished, journalFile); err != nil {
		return err
	}
	t.journal, t.touched = j, &sync.Map{}
	return nil
}

// enact moves the state from one phase to the next.
func (t *transaction) enact(from, to string) error {
	if err := t.state.Rename(from, to); err != nil {
		return err
	}
	return errors.Join(syncDir(t.state, "."), syncDir(t.above, "."))
}

// folders records which folders will be created and which may become empty.
func (t *transaction) folders(j *journal) error {
	seen := map[string]bool{}
	for _, e := range j.Edits {
		for dir := path.Dir(e.Path); dir != "." && !seen[dir]; dir = path.Dir(dir) {
			seen[dir] = true
			info, err := t.dir.Lstat(dir)
			switch {
			case tree.Absent(err), err == nil && info.Mode().IsRegular():
				j.Made = append(j.Made, dir)
			case err != nil:
				return err
			case info.IsDir():
				j.Emptied = append(j.Emptied, emptied{dir, info.Mode().Perm()})
			}
		}
	}
	slices.Sort(j.Made)
	slices.SortFunc(j.Emptied, func(a, b emptied) int { return strings.Compare(a.Path, b.Path) })
	return nil
}
