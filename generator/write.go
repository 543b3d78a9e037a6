package generator

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/afero"
	"golang.org/x/sync/errgroup"
)

// ErrConflict is returned for a plan whose conflicts nobody decided.
var ErrConflict = errors.New("files are in the way")

// Apply carries out the plan: every file or none. It takes back what it did when something fails or ctx ends. A new
// folder is written beside its place and renamed; into a folder that exists, files are created only where nothing is,
// and what is overwritten is kept aside until the end.
func (p *Plan) Apply(ctx context.Context, fsys FS) error {
	if len(p.Conflicts()) > 0 {
		return ErrConflict
	}
	dir, err := fsys.Within(p.base)
	if err != nil {
		return err
	}
	defer dir.Close()
	w := &writer{Dir: dir, open: func() (Dir, error) { return dir.Within(".") }, stage: ".dockerflow-" + rand.Text()[:10]}
	if p.exists {
		err = w.into(ctx, p.Changes)
	} else {
		err = w.fresh(ctx, filepath.ToSlash(p.rest), p.Changes)
	}
	if err != nil {
		return errors.Join(err, w.rollback())
	}
	return nil
}

// writer writes files and remembers how to take that back.
type writer struct {
	Dir
	open  func() (Dir, error) // another view of Dir
	stage string              // a folder for what is not yet, or no longer, in its place
	undo  []func() error
	last  string // the folder that was made last
}

func (w *writer) rollback() error {
	var errs []error
	for _, undo := range slices.Backward(w.undo) {
		if err := undo(); err != nil {
			errs = append(errs, fmt.Errorf("take back: %w", err))
		}
	}
	return errors.Join(errs...)
}

// fresh writes the folder rest, which does not exist, by one rename.
func (w *writer) fresh(ctx context.Context, rest string, changes []Change) error {
	top, below, _ := strings.Cut(rest, "/")
	if err := w.Mkdir(w.stage, 0o755); err != nil {
		return err
	}
	w.undo = []func() error{func() error { return w.RemoveAll(w.stage) }}
	if err := w.fill(ctx, path.Join(w.stage, below), changes); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if _, err := w.Lstat(top); err == nil {
		return fmt.Errorf("%s: %w", top, fs.ErrExist) // it came into being in the meantime
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return w.Rename(w.stage, top)
}

// share is how many files are worth a writer of their own.
const share = 250

// fill writes files into the stage, which is removed whole if that fails. Many files are shared out among the
// processors, each with its own view of the folder.
func (w *writer) fill(ctx context.Context, dir string, changes []Change) error {
	writers := min(runtime.GOMAXPROCS(0), 1+len(changes)/share)
	g, ctx := errgroup.WithContext(ctx)
	for part := range slices.Chunk(changes, 1+len(changes)/writers) {
		g.Go(func() error {
			own, err := w.open()
			if err != nil {
				return err
			}
			defer own.Close()
			pw := &writer{Dir: own}
			for _, c := range part {
				if err := pw.write(ctx, path.Join(dir, c.Path), c.File); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// into writes files into a folder that exists.
func (w *writer) into(ctx context.Context, changes []Change) error {
	for i, c := range changes {
		if c.Action == Overwrite {
			if err := w.setAside(c.Path, fmt.Sprint(i)); err != nil {
				return err
			}
		}
		if c.Action == Create || c.Action == Overwrite {
			if err := w.write(ctx, c.Path, c.File); err != nil {
				return err
			}
		}
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	w.undo = nil // all files are written, and there is no way back once a part of the stage is gone
	if _, err := w.Lstat(w.stage); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := w.RemoveAll(w.stage); err != nil {
		return fmt.Errorf("all files are written, but %s, which has what they replaced, is left over: %w", w.stage, err)
	}
	return nil
}

func (w *writer) setAside(name, as string) error {
	if err := w.mkdirAll(w.stage); err != nil {
		return err
	}
	as = path.Join(w.stage, as)
	if err := w.Rename(name, as); err != nil {
		return err
	}
	w.undo = append(w.undo, func() error { return w.Rename(as, name) })
	return nil
}

func (w *writer) write(ctx context.Context, name string, f File) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if dir := path.Dir(name); dir != w.last {
		if err := w.mkdirAll(dir); err != nil {
			return err
		}
		w.last = dir
	}
	h, err := w.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, f.Mode)
	if err != nil {
		return err
	}
	w.undo = append(w.undo, func() error { return w.Remove(name) })
	return put(h, f.Data)
}

func put(h afero.File, data []byte) error {
	_, err := h.Write(data)
	return errors.Join(err, h.Close())
}

// mkdirAll makes the folders of dir that do not exist.
func (w *writer) mkdirAll(dir string) error {
	if dir == "." {
		return nil
	}
	info, err := w.Stat(dir)
	switch {
	case err == nil && info.IsDir():
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := w.mkdirAll(path.Dir(dir)); err != nil {
		return err
	}
	return w.mkdir(dir)
}

func (w *writer) mkdir(dir string) error {
	if err := w.Mkdir(dir, 0o755); err != nil {
		if info, serr := w.Stat(dir); serr == nil && info.IsDir() {
			return nil // somebody else's, then, and not ours to take back
		}
		return err
	}
	w.undo = append(w.undo, func() error { return w.Remove(dir) })
	return nil
}
