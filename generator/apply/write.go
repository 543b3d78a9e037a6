package apply

import (
	"context"
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

	"dockerflow/generator/merge"
	"dockerflow/generator/tree"
)

// ErrConflict is returned for a plan with conflicts that were not decided.
var ErrConflict = errors.New("existing files are in the way")

// Apply applies the plan: every file or none. It rolls back if something fails or ctx ends. A new folder is written
// next to its final path and then renamed. In an existing folder, files are written by a Transaction, whose state is
// in the folder: call Recover before the next plan.
func (p *Plan) Apply(ctx context.Context, fsys tree.FS) error {
	if len(p.Conflicts()) > 0 {
		return ErrConflict
	}
	if p.exists {
		return p.update(ctx, fsys)
	}
	dir, err := fsys.Within(p.base)
	if err != nil {
		return err
	}
	defer dir.Close()
	stage, lock, err := makeStage(dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	w := &writer{Dir: dir, stage: stage}
	if err := w.fresh(ctx, filepath.ToSlash(p.rest), p.Changes); err != nil {
		return errors.Join(err, w.rollback())
	}
	return nil
}

// update writes into an existing folder.
func (p *Plan) update(ctx context.Context, fsys tree.FS) error {
	u := &Transaction{Dir: p.Dir, State: filepath.Join(p.Dir, tree.StateFolder)}
	for _, c := range p.Changes {
		switch c.Action {
		case merge.Create:
			u.Edits = append(u.Edits, merge.Edit{Path: c.Path, New: &c.File})
		case merge.Overwrite:
			u.Edits = append(u.Edits, merge.Edit{Path: c.Path, Old: c.seen, New: &c.File, Fresh: true})
		}
	}
	if len(u.Edits) == 0 {
		return context.Cause(ctx)
	}
	return u.Apply(ctx, fsys)
}

// writer writes files and remembers how to undo that.
type writer struct {
	tree.Dir
	stage string // a folder for files that are not yet, or no longer, in place
	undo  []func() error
	made  map[string]bool // folders that exist
}

func (w *writer) rollback() error {
	var errs []error
	for _, undo := range slices.Backward(w.undo) {
		if err := undo(); err != nil {
			errs = append(errs, fmt.Errorf("roll back: %w", err))
		}
	}
	return errors.Join(errs...)
}

// fresh writes the folder rest, which does not exist yet, with one rename.
func (w *writer) fresh(ctx context.Context, rest string, changes []Change) error {
	w.undo, w.made = []func() error{func() error { return w.RemoveAll(w.stage) }}, map[string]bool{w.stage: true}
	_, below, _ := strings.Cut(rest, "/")
	below = path.Join(w.stage, below)
	if err := w.mkdirAll(below); err != nil {
		return err
	}
	if err := w.fill(ctx, below, changes); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return w.settle(rest)
}

// settle moves the stage to its final path. The parent folders may have been created in the meantime, with other
// projects in them; the folder itself must not exist.
func (w *writer) settle(rest string) error {
	from, to := w.stage, ""
	for names := strings.Split(rest, "/"); ; names = names[1:] {
		to = path.Join(to, names[0])
		err := w.rename(from, to)
		if err == nil {
			if from != w.stage {
				_ = w.RemoveAll(w.stage) // it is empty: not worth a rollback
			}
			return nil
		}
		if info, lerr := w.Lstat(to); !errors.Is(err, fs.ErrExist) || len(names) == 1 || lerr != nil || !info.IsDir() {
			return err
		}
		from = path.Join(from, names[1])
	}
}

// rename fails if the target exists. Some systems would replace an empty folder.
func (w *writer) rename(from, to string) error {
	if _, err := w.Lstat(to); err == nil {
		return fmt.Errorf("%s: %w", to, fs.ErrExist)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return w.Rename(from, to)
}

// share is the number of files that is worth a separate writer.
const share = 250

// fill writes files into the stage; if that fails, the whole stage is removed. Many files are split among the
// processors; each has its own open folder.
func (w *writer) fill(ctx context.Context, dir string, changes []Change) error {
	writers := min(runtime.GOMAXPROCS(0), 1+len(changes)/share)
	if writers == 1 {
		return w.fillPart(ctx, dir, changes)
	}
	g, ctx := errgroup.WithContext(ctx)
	for part := range slices.Chunk(changes, 1+len(changes)/writers) {
		g.Go(func() error { return w.fillPart(ctx, dir, part) })
	}
	return g.Wait()
}

func (w *writer) fillPart(ctx context.Context, dir string, part []Change) error {
	own, err := w.Within(dir)
	if err != nil {
		return err
	}
	defer own.Close()
	pw := &writer{Dir: own, made: map[string]bool{}}
	for _, c := range part {
		if err := pw.write(ctx, c.Path, c.File); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) write(ctx context.Context, name string, f tree.File) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if err := w.mkdirAll(path.Dir(name)); err != nil {
		return err
	}
	h, err := w.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, f.Mode.Perm())
	if err != nil {
		return err
	}
	return put(h, f.Data)
}

func put(h afero.File, data []byte) error {
	_, err := h.Write(data)
	return errors.Join(err, h.Close())
}

// mkdirAll creates the missing folders of dir.
func (w *writer) mkdirAll(dir string) error {
	if dir == "." || w.made[dir] {
		return nil
	}
	err := w.mkdirAll(path.Dir(dir))
	if err == nil {
		err = w.mkdir(dir)
	}
	if err == nil {
		w.made[dir] = true
	}
	return err
}

// mkdir creates a folder, or accepts an existing one. An existing folder is not removed by a rollback.
func (w *writer) mkdir(dir string) error {
	err := w.Mkdir(dir, 0o755)
	if err == nil {
		w.undo = append(w.undo, func() error { return w.Remove(dir) })
		return nil
	}
	if !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, serr := w.Stat(dir)
	if serr == nil && info.IsDir() {
		return nil
	}
	return errors.Join(err, serr)
}
