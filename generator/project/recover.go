package project

import (
	"context"
	"errors"
	"maps"
	"path/filepath"
	"slices"

	"dockerflow/generator/apply"
	"dockerflow/generator/failure"
	"dockerflow/generator/tree"
)

// states returns the folders where an earlier run may have left its state: the project may have become a repository since.
func (p *Project) states() []string {
	own := filepath.Join(p.Dir, tree.StateFolder)
	if p.state == own {
		return []string{own}
	}
	return []string{p.state, own}
}

// recover rolls back a run that was killed, and finds the state of an update with conflicts.
func (p *Project) recover() (apply.Recovery, error) {
	for _, state := range p.states() {
		r, err := apply.Recover(p.fs, p.Dir, state)
		if err != nil {
			return r, stateError(state, err)
		}
		if r.Phase == apply.Begun {
			p.note("an earlier run was interrupted: its changes are rolled back")
			noteLeft(p.note, state, r)
		}
		if r.Phase == apply.Applied {
			p.state = state
			return r, nil
		}
	}
	return apply.Recovery{}, nil
}

// CheckIdle returns an error if a run in the project is not finished. It changes nothing.
func (p *Project) CheckIdle(ctx context.Context) error {
	for _, state := range p.states() {
		r, err := apply.Inspect(p.fs, state)
		if err != nil {
			return stateError(state, err)
		}
		if r.Phase == apply.Begun {
			return failure.New("run dockerflow update to roll it back", "an earlier run in %s was interrupted", p.Dir)
		}
		if r.Phase != apply.Applied {
			continue
		}
		p.state = state
		left, err := p.unresolved(ctx, r)
		if err != nil {
			return err
		}
		if len(left) > 0 {
			return unfinishedError(left)
		}
	}
	return nil
}

func stateError(state string, err error) error {
	switch {
	case errors.Is(err, apply.ErrBusy):
		return failure.New("wait for it to finish", "%w", err)
	case errors.Is(err, apply.ErrDamaged), errors.Is(err, apply.ErrForeign):
		return failure.New("if the project is in order, delete "+state, "%w", err)
	}
	return failure.New("", "%w", err)
}

// noteLeft notes the files that the user changed before the run was rolled back.
func noteLeft(note Note, state string, r apply.Recovery) {
	for _, path := range r.Left {
		note("%s was changed since and is kept", path)
	}
	for _, path := range slices.Sorted(maps.Keys(r.Kept)) {
		note("%s was changed since: your version is now in %s", path, filepath.Join(filepath.Dir(state), filepath.FromSlash(r.Kept[path])))
	}
}

// Recoverer rolls back runs of new that were interrupted by a kill or a power loss. One Recoverer serves all folders of a
// run.
type Recoverer struct {
	fs      tree.FS
	sweeper apply.Sweeper
}

// NewRecoverer returns a Recoverer.
func NewRecoverer(fsys tree.FS) *Recoverer {
	return &Recoverer{fs: fsys, sweeper: apply.Sweeper{FS: fsys}}
}

// Check returns an error if a run in dir was interrupted. It changes nothing.
func (r *Recoverer) Check(dir string) error {
	state := filepath.Join(dir, tree.StateFolder)
	found, err := apply.Inspect(r.fs, state)
	switch {
	case err != nil:
		return stateError(state, err)
	case found.Phase == apply.None:
		return nil
	}
	return failure.New("without --dry-run, new rolls it back first", "an earlier run in %s was interrupted", dir)
}

// Recover rolls back an interrupted run in dir, and reports what it did to note.
func (r *Recoverer) Recover(dir string, note Note) error {
	state := filepath.Join(dir, tree.StateFolder)
	r.sweep(dir, note)
	found, err := apply.Recover(r.fs, dir, state)
	switch {
	case errors.Is(err, apply.ErrBusy), errors.Is(err, apply.ErrForeign):
		return stateError(state, err)
	case err != nil:
		return failure.New("the original contents are in the file originals in that folder", "%w", err)
	case found.Phase == apply.Applied:
		return failure.New("finish or undo that update first", "an update of %s is in progress", dir)
	case found.Phase == apply.Begun:
		note("an earlier run in %s was interrupted and has been rolled back", dir)
	}
	noteLeft(note, state, found)
	return nil
}

// sweep removes what killed runs left beside dir. A failure does not stop the run.
func (r *Recoverer) sweep(dir string, note Note) {
	removed, err := r.sweeper.Sweep(dir)
	for _, name := range removed {
		note("an earlier run was interrupted: its unfinished %s has been removed", name)
	}
	if err != nil {
		note("cannot remove what an earlier run left beside %s: %v", dir, err)
	}
}
