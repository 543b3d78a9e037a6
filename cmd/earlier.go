package cmd

import (
	"errors"
	"path/filepath"

	"dockerflow/generator/apply"
	"dockerflow/generator/failure"
	"dockerflow/generator/tree"
)

// recover takes back a run that was ended on its way in dir, by a kill or a loss of power. A preview only finds it.
func (o *newOptions) recover(dir string) error {
	state := filepath.Join(dir, tree.StateFolder)
	if o.dryRun {
		found, err := apply.Inspect(o.env.FS, state)
		switch {
		case err != nil:
			return stateError(state, err)
		case found.Phase == apply.None:
			return nil
		}
		return failure.New("without --dry-run, new takes it back first", "an earlier run in %s was ended on its way", dir)
	}
	o.sweep(dir)
	found, err := apply.Recover(o.env.FS, dir, state)
	switch {
	case errors.Is(err, apply.ErrBusy), errors.Is(err, apply.ErrForeign):
		return stateError(state, err)
	case err != nil:
		return failure.New("what was there before is in the file originals of that folder", "%w", err)
	case found.Phase == apply.Applied:
		return failure.New("finish or take back that update first", "an update of %s is under way", dir)
	case found.Phase == apply.Begun:
		o.env.note("an earlier run in %s was ended on its way, and has been taken back", dir)
	}
	leftOver(o.env, state, found)
	return nil
}

// sweep removes what runs that were killed have left beside dir. That it cannot is no reason not to go on.
func (o *newOptions) sweep(dir string) {
	if o.sweeper == nil {
		o.sweeper = &apply.Sweeper{FS: o.env.FS}
	}
	removed, err := o.sweeper.Sweep(dir)
	for _, name := range removed {
		o.env.note("an earlier run was ended on its way: what it had begun in %s has been removed", name)
	}
	if err != nil {
		o.env.note("what an earlier run has left beside %s stays: %v", dir, err)
	}
}
