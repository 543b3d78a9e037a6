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

// states are the folders where an earlier run may have left something: the project may have become a repository since.
func (p *Project) states() []string {
	own := filepath.Join(p.Dir, tree.StateFolder)
	if p.state == own {
		return []string{own}
	}
	return []string{p.state, own}
}

// recover takes back what a run that was killed had begun, and finds what an update with conflicts has left.
func (p *Project) recover() (apply.Recovery, error) {
	for _, state := range p.states() {
		r, err := apply.Recover(p.fs, p.Dir, state)
		if err != nil {
			return r, stateError(state, err)
		}
		if r.Phase == apply.Begun {
			p.note("an earlier run was ended on the way: what it had changed is taken back")
			noteLeft(p.note, state, r)
		}
		if r.Phase == apply.Applied {
			p.state = state
			return r, nil
		}
	}
	return apply.Recovery{}, nil
}

// CheckIdle refuses a project with a run that is not finished. It changes nothing.
func (p *Project) CheckIdle(ctx context.Context) error {
	for _, state := range p.states() {
		r, err := apply.Inspect(p.fs, state)
		if err != nil {
			return stateError(state, err)
		}
		if r.Phase == apply.Begun {
			return failure.New("dockerflow update takes it back first", "an earlier run was ended on the way in %s", p.Dir)
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
		return failure.New("wait for it", "%w", err)
	case errors.Is(err, apply.ErrDamaged), errors.Is(err, apply.ErrForeign):
		return failure.New("if the project is as it should be, delete "+state, "%w", err)
	}
	return failure.New("", "%w", err)
}

// noteLeft tells what of the user's a run that is taken back has met.
func noteLeft(note Note, state string, r apply.Recovery) {
	for _, path := range r.Left {
		note("%s was changed since, and stays", path)
	}
	for _, path := range slices.Sorted(maps.Keys(r.Kept)) {
		note("%s was changed since: that is in %s now", path, filepath.Join(filepath.Dir(state), filepath.FromSlash(r.Kept[path])))
	}
}

// Recoverer takes back runs of new that were ended on their way, by a kill or a loss of power. One is enough for all
// folders of a run.
type Recoverer struct {
	fs      tree.FS
	sweeper apply.Sweeper
}

// NewRecoverer returns a Recoverer.
func NewRecoverer(fsys tree.FS) *Recoverer {
	return &Recoverer{fs: fsys, sweeper: apply.Sweeper{FS: fsys}}
}

// Check refuses a folder with a run that was ended on its way. It changes nothing.
func (r *Recoverer) Check(dir string) error {
	state := filepath.Join(dir, tree.StateFolder)
	found, err := apply.Inspect(r.fs, state)
	switch {
	case err != nil:
		return stateError(state, err)
	case found.Phase == apply.None:
		return nil
	}
	return failure.New("without --dry-run, new takes it back first", "an earlier run in %s was ended on its way", dir)
}

// Recover takes back a run in dir that was ended on its way, and tells note what it did.
func (r *Recoverer) Recover(dir string, note Note) error {
	state := filepath.Join(dir, tree.StateFolder)
	r.sweep(dir, note)
	found, err := apply.Recover(r.fs, dir, state)
	switch {
	case errors.Is(err, apply.ErrBusy), errors.Is(err, apply.ErrForeign):
		return stateError(state, err)
	case err != nil:
		return failure.New("what was there before is in the file originals of that folder", "%w", err)
	case found.Phase == apply.Applied:
		return failure.New("finish or take back that update first", "an update of %s is under way", dir)
	case found.Phase == apply.Begun:
		note("an earlier run in %s was ended on its way, and has been taken back", dir)
	}
	noteLeft(note, state, found)
	return nil
}

// sweep removes what runs that were killed have left beside dir. That it cannot is no reason not to go on.
func (r *Recoverer) sweep(dir string, note Note) {
	removed, err := r.sweeper.Sweep(dir)
	for _, name := range removed {
		note("an earlier run was ended on its way: what it had begun in %s has been removed", name)
	}
	if err != nil {
		note("what an earlier run has left beside %s stays: %v", dir, err)
	}
}
