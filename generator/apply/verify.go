package apply

import (
	"fmt"

	"dockerflow/generator/merge"
	"dockerflow/generator/tree"
)

// glance runs the checks of verify before the first change, except those of the file's content.
func (t *transaction) glance(e merge.Edit) error {
	info, err := t.dir.Lstat(e.Path)
	if err == nil && e.Old != nil && info.Mode() == e.Old.Mode.Perm() && info.Size() == int64(len(e.Old.Data)) {
		return nil
	}
	return t.verify(e)
}

// verify checks that a path still has what the edit was planned for.
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
