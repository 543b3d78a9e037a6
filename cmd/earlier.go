package cmd

import (
	"errors"
	"path/filepath"

	"dockerflow/generator"
)

// recover takes back a run that was ended on its way in dir, by a kill or a loss of power. A preview only finds it.
func (o *newOptions) recover(dir string) error {
	state := filepath.Join(dir, generator.StateFolder)
	if o.dryRun {
		found, err := generator.Look(o.env.FS, state)
		if err == nil && found.Phase == generator.None {
			return nil
		}
		return failed("without --dry-run, new takes it back first", "an earlier run in %s was ended on its way", dir)
	}
	found, err := generator.Recover(o.env.FS, dir, state)
	switch {
	case errors.Is(err, generator.ErrBusy):
		return failed("wait for it", "%w", err)
	case err != nil:
		return failed("what was there before is in the file originals of that folder", "%w", err)
	case found.Phase == generator.Applied:
		return failed("finish or take back that update first", "an update of %s is under way", dir)
	case found.Phase == generator.Begun:
		o.env.note("an earlier run in %s was ended on its way, and has been taken back", dir)
	}
	leftOver(o.env, state, found)
	return nil
}
