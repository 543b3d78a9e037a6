package apply

import (
	"context"
	"errors"
	"io"
	"os"
	"path"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"dockerflow/generator/merge"
	"dockerflow/generator/tree"
)

// commit makes the changes. Removals come first, so that a folder can replace a file, or a file a folder.
func (t *transaction) commit(ctx context.Context, edits []merge.Edit) error {
	for _, e := range edits {
		if e.New != nil {
			continue
		}
		if err := t.remove(ctx, e); err != nil {
			return err
		}
	}
	if err := t.removeEmptied(edits); err != nil {
		return err
	}
	if err := t.replaceAll(ctx, edits); err != nil {
		return err
	}
	if err := t.sync(edits); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return t.enact(journalFile, appliedFile)
}

func (t *transaction) remove(ctx context.Context, e merge.Edit) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if err := t.verify(e); err != nil {
		return err
	}
	if err := t.dir.Remove(e.Path); err != nil {
		return err
	}
	t.touched.Store(e.Path, true)
	return nil
}

// removeEmptied removes the folders that the removals left empty.
func (t *transaction) removeEmptied(edits []merge.Edit) error {
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

// removeEmpty removes a folder if it is empty.
func removeEmpty(d tree.Dir, name string) error {
	info, err := d.Lstat(name)
	switch {
	case tree.Absent(err), err == nil && !info.IsDir():
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

// replaceAll writes the new files. Many files are split among the processors; each has its own open folder.
func (t *transaction) replaceAll(ctx context.Context, edits []merge.Edit) error {
	writers := min(runtime.GOMAXPROCS(0), 1+len(edits)/share)
	size := 1 + len(edits)/writers
	g, ctx := errgroup.WithContext(ctx)
	for i := 0; i < len(edits); i += size {
		g.Go(func() error {
			own := *t
			if writers > 1 {
				var err error
				if own.dir, err = t.dir.Within("."); err != nil {
					return err
				}
				defer own.dir.Close()
			}
			return own.replacePart(ctx, edits[i:min(i+size, len(edits))], i)
		})
	}
	return g.Wait()
}

// replacePart writes some of the edits; from is the number of the first one.
func (t *transaction) replacePart(ctx context.Context, edits []merge.Edit, from int) error {
	w := &writer{Dir: t.dir, made: map[string]bool{}}
	for i, e := range edits {
		if e.New == nil {
			continue
		}
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := t.replace(w, t.journal.temp(from+i), e); err != nil {
			return err
		}
	}
	return nil
}

// replace writes a file next to its path, and then puts it in place in one step.
func (t *transaction) replace(w *writer, temp string, e merge.Edit) error {
	if err := w.mkdirAll(path.Dir(e.Path)); err != nil {
		return err
	}
	h, err := t.dir.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, e.New.Mode.Perm())
	if err != nil {
		return err
	}
	if err := put(h, e.New.Data); err != nil {
		return err
	}
	if e.Old == nil {
		if err := t.dir.Place(temp, e.Path); err != nil {
			return err
		}
		t.touched.Store(e.Path, true)
		return nil
	}
	if !e.Fresh {
		if err := t.dir.Chmod(temp, e.New.Mode.Perm()); err != nil { // ignore the umask: the existing file had this mode
			return err
		}
	}
	if err := t.verify(e); err != nil {
		return err
	}
	if err := t.dir.Rename(temp, e.Path); err != nil {
		return err
	}
	t.touched.Store(e.Path, true)
	return nil
}

// syncers is the number of files that are synced at once, so that they share the disk's journal writes.
const syncers = 16

// sync makes the new files survive a power loss. The originals, which will be replaced, are already synced.
func (t *transaction) sync(edits []merge.Edit) error {
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
