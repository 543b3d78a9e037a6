package apply

import (
	"fmt"

	"dockerflow/generator/merge"
	"dockerflow/generator/tree"
)

// glance finds before the first change most of what verify finds before that of the file itself.
func (t *transaction) glance(e merge.Edit) error {
	info, err := t.dir.Lstat(e.Path)
	if err == nil && e.Old != nil && info.Mode() == e.Old.Mode.Perm() && info.Size() == int64(len(e.Old.Data)) {
		return nil
	}
	return t.verify(e)
}

// verify makes sure that a path holds what an edit was made for.
func (t *transaction) verify(e merge.Edit) error {
	info, err := t.dir.Lstat(e.Path)
	switch {
	case tree.Absent(err):
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
	f, err := tree.ReadFile(t.dir, e.Path)
	if err != nil {
		return err
	}
	if !merge.Equal(&f, e.Old) {
		return fmt.Errorf("%s %w", e.Path, ErrChanged)
	}
	return nil
}
