package generator

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Update changes files of a folder that exists: all of them or none, also if the process is killed on the way. What is
// needed to take it back is in a state folder before the first change; Recover finds it there.
type Update struct {
	Dir   string            // the project
	State string            // the state folder, which must not exist
	Edits []Edit            // in any order
	Notes map[string][]byte // what the caller wants to find again with the state
	Keep  bool              // keep the state when all is done, so that Abort can take it back until Finish
}

// ErrChanged is returned for a file that is no longer what the update was made for.
var ErrChanged = errors.New("was changed in the meantime")

// ErrPending is returned if an earlier update has left its state: Recover, Abort or Finish it first.
var ErrPending = errors.New("an earlier run is not finished")

// ErrBusy is returned if another process is at work.
var ErrBusy = errors.New("another dockerflow is at work here")

// Apply carries out the update. If it fails, or ctx ends, all is as it was.
func (u *Update) Apply(ctx context.Context, fsys FS) error {
	t, err := u.begin(fsys)
	if err != nil {
		return err
	}
	defer t.close()
	err = t.prepare(ctx, u)
	if err == nil {
		err = t.carryOut(ctx, u.Edits)
	}
	if err != nil {
		if _, back := t.rollback(); back != nil {
			return errors.Join(err, fmt.Errorf("take back: %w: the next run tries again", back))
		}
		return errors.Join(err, t.clear(journalFile))
	}
	if u.Keep {
		return nil
	}
	if err := t.clear(appliedFile); err != nil {
		return fmt.Errorf("all files are written, but %s is left over: %w", u.State, err)
	}
	return nil
}

// transaction is an update under way, or one that is taken back.
type transaction struct {
	dir       Dir
	above     Dir    // the folder that the state folder is in
	name      string // of the state folder
	state     Dir
	lock      interface{ Close() error }
	journal   *journal
	originals []byte
}

func (t *transaction) close() {
	for _, c := range []interface{ Close() error }{t.lock, t.state, t.above, t.dir} {
		if c != nil {
			c.Close()
		}
	}
}

func (u *Update) begin(fsys FS) (*transaction, error) {
	u.Edits = slices.Clone(u.Edits)
	slices.SortFunc(u.Edits, func(a, b Edit) int { return strings.Compare(a.Path, b.Path) })
	for i, e := range u.Edits {
		if err := checkEditPath(e.Path); err != nil {
			return nil, fmt.Errorf("path %q: %w", e.Path, err)
		}
		if i > 0 && u.Edits[i-1].Path == e.Path {
			return nil, fmt.Errorf("path %q: it is to be changed twice", e.Path)
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
		err = t.enter(os.O_CREATE | os.O_EXCL)
	}
	if err != nil {
		t.close()
		return nil, err
	}
	return t, nil
}

// open opens the folders of a project and of its state.
func open(fsys FS, dir, state string) (*transaction, error) {
	d, err := fsys.Within(dir)
	if err != nil {
		return nil, err
	}
	above, err := fsys.Within(filepath.Dir(state))
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
	if err != nil {
		return err
	}
	t.lock = f
	ok, err := tryLock(f)
	if err == nil && !ok {
		err = ErrBusy
	}
	return err
}

// prepare writes down what there is and what is to be done. It changes nothing in the project.
func (t *transaction) prepare(ctx context.Context, u *Update) error {
	t.journal = &journal{Format: journalFormat, Token: rand.Text()[:10], Keep: u.Keep, Notes: u.Notes}
	j := t.journal
	var originals bytes.Buffer
	for _, e := range u.Edits {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := t.verify(e); err != nil {
			return err
		}
		j.Edits = append(j.Edits, journalEdit{e.Path, newBlob(e.Old), newBlob(e.New)})
		if e.Old != nil {
			originals.Write(e.Old.Data)
		}
	}
	t.originals = originals.Bytes()
	if err := t.folders(); err != nil {
		return err
	}
	data, err := json.MarshalIndent(j, "", "\t")
	if err != nil {
		return err
	}
	if err := writeDurable(t.state, originalsFile, t.originals); err != nil {
		return err
	}
	if err := writeDurable(t.state, unfinished, data); err != nil {
		return err
	}
	return t.enact(unfinished, journalFile)
}

// enact takes the state from one phase to the next.
func (t *transaction) enact(from, to string) error {
	if err := t.state.Rename(from, to); err != nil {
		return err
	}
	return errors.Join(syncDir(t.state, "."), syncDir(t.above, "."))
}

// folders notes which folders come and which may go.
func (t *transaction) folders() error {
	seen := map[string]bool{}
	for _, e := range t.journal.Edits {
		for dir := path.Dir(e.Path); dir != "." && !seen[dir]; dir = path.Dir(dir) {
			seen[dir] = true
			info, err := t.dir.Lstat(dir)
			switch {
			case absent(err), err == nil && info.Mode().IsRegular():
				t.journal.Made = append(t.journal.Made, dir)
			case err != nil:
				return err
			case info.IsDir():
				t.journal.Emptied = append(t.journal.Emptied, emptied{dir, info.Mode().Perm()})
			}
		}
	}
	slices.Sort(t.journal.Made)
	slices.SortFunc(t.journal.Emptied, func(a, b emptied) int { return strings.Compare(a.Path, b.Path) })
	return nil
}

// verify makes sure that a path holds what an edit was made for.
func (t *transaction) verify(e Edit) error {
	info, err := t.dir.Lstat(e.Path)
	switch {
	case absent(err):
		if e.Old != nil {
			return fmt.Errorf("%s %w", e.Path, ErrChanged)
		}
		return nil
	case err != nil:
		return err
	case e.Old == nil && info.IsDir():
		return nil // it may become empty
	case e.Old == nil || !info.Mode().IsRegular():
		return fmt.Errorf("%s %w", e.Path, ErrChanged)
	}
	f, err := readFile(t.dir, e.Path)
	if err != nil {
		return err
	}
	if !equal(&f, e.Old) {
		return fmt.Errorf("%s %w", e.Path, ErrChanged)
	}
	return nil
}

// carryOut makes the changes: first what goes, so that a folder can come in its place, or a file in that of a folder.
func (t *transaction) carryOut(ctx context.Context, edits []Edit) error {
	for _, e := range edits {
		if e.New != nil {
			continue
		}
		if err := errors.Join(context.Cause(ctx), t.verify(e)); err != nil {
			return err
		}
		if err := t.dir.Remove(e.Path); err != nil {
			return err
		}
	}
	if err := t.removeEmptied(edits); err != nil {
		return err
	}
	w := &writer{Dir: t.dir}
	for i, e := range edits {
		if e.New == nil {
			continue
		}
		if err := errors.Join(context.Cause(ctx), t.replace(w, t.journal.temp(i), e)); err != nil {
			return err
		}
	}
	if err := t.sync(edits); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return t.enact(journalFile, appliedFile)
}

// removeEmptied removes the folders that removals have left empty.
func (t *transaction) removeEmptied(edits []Edit) error {
	left := map[string]bool{}
	for _, e := range edits {
		for dir := path.Dir(e.Path); e.New == nil && dir != "." && !left[dir]; dir = path.Dir(dir) {
			left[dir] = true
		}
	}
	for _, e := range slices.Backward(t.journal.Emptied) {
		if !left[e.Path] {
			continue
		}
		if err := removeEmpty(t.dir, e.Path); err != nil {
			return err
		}
	}
	return nil
}

// removeEmpty removes a folder, if it is one and empty.
func removeEmpty(d Dir, name string) error {
	info, err := d.Lstat(name)
	switch {
	case absent(err), err == nil && !info.IsDir():
		return nil
	case err != nil:
		return err
	}
	f, err := d.OpenFile(name, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	names, err := f.Readdirnames(1)
	f.Close()
	if len(names) > 0 {
		return nil
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return d.Remove(name)
}

// replace writes a file beside its place, and puts it there in one step.
func (t *transaction) replace(w *writer, temp string, e Edit) error {
	if dir := path.Dir(e.Path); dir != w.last {
		if err := w.mkdirAll(dir); err != nil {
			return err
		}
		w.last = dir
	}
	h, err := t.dir.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, e.New.Mode.Perm())
	if err != nil {
		return err
	}
	if err := put(h, e.New.Data); err != nil {
		return err
	}
	if e.Old == nil {
		return t.dir.Place(temp, e.Path)
	}
	if err := t.dir.Chmod(temp, e.New.Mode.Perm()); err != nil { // whatever the umask: the file had this mode
		return err
	}
	if err := t.verify(e); err != nil {
		return err
	}
	return t.dir.Rename(temp, e.Path)
}

// syncers is how many files are synced at once: they share the disk's journal writes.
const syncers = 16

// sync makes the new files outlast a loss of power. The originals, which are about to go, already do.
func (t *transaction) sync(edits []Edit) error {
	var g errgroup.Group
	g.SetLimit(syncers)
	for part := range slices.Chunk(edits, 1+len(edits)/syncers) {
		g.Go(func() error {
			dir, err := t.dir.Within(".")
			if err != nil {
				return err
			}
			defer dir.Close()
			for _, e := range part {
				if e.New == nil {
					continue
				}
				if err := syncDir(dir, e.Path); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}
