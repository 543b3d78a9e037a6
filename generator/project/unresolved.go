package project

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"dockerflow/generator/apply"
	"dockerflow/generator/failure"
	"dockerflow/generator/tree"
)

// unresolved lists the conflicts that an update left: paths that git reports as unmerged, and files with our markers.
func (p *Project) unresolved(ctx context.Context, r apply.Recovery) ([]string, error) {
	if err := p.consult(ctx); err != nil {
		return nil, err
	}
	left := map[string]bool{}
	for _, path := range p.unmerged() {
		left[path] = true
	}
	dir, err := p.fs.Within(p.Dir)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	for _, path := range strings.Split(string(r.Notes[noteConflicts]), "\n") {
		if !fs.ValidPath(path) {
			continue // the notes may have been edited
		}
		marked, err := hasMarkers(dir, path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(p.Dir, path), err)
		}
		if marked {
			left[path] = true
		}
	}
	return slices.Sorted(maps.Keys(left)), nil
}

// unmerged lists the paths that are unmerged in git's index.
func (p *Project) unmerged() (paths []string) {
	for path, entries := range p.index {
		if slices.ContainsFunc(entries, func(e entry) bool { return e.Stage != 0 }) {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// hasMarkers reports whether a file contains a line that opens or closes one of our conflicts.
func hasMarkers(dir tree.Dir, p string) (bool, error) {
	info, err := dir.Lstat(p)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	f, err := dir.Open(p)
	if err != nil {
		return false, err
	}
	defer f.Close()
	lines := bufio.NewReaderSize(f, 4<<10)
	for inside := false; ; {
		text, more, err := lines.ReadLine() // a long line comes in pieces: no marker is that long
		if err != nil {
			return false, nil //nolint:nilerr // the end of the file
		}
		if line := strings.TrimRight(string(text), "\r"); !inside && !more && isMarker(line) {
			return true, nil
		}
		inside = more
	}
}

func isMarker(line string) bool {
	return strings.HasPrefix(line, "<<<<<<<") && strings.HasSuffix(line, " "+ourLabel) ||
		strings.HasPrefix(line, ">>>>>>>") && strings.Contains(line, " template ")
}

func unfinishedError(left []string) error {
	return &failure.Error{Code: failure.Finding, Err: fmt.Errorf("an update is not finished: resolve the conflicts in %s", failure.List(left)),
		Hint: "git add marks a conflict as resolved; dockerflow update --abort undoes the update"}
}

// Settle rolls back an interrupted run and makes sure that no update is in progress. It finishes an update whose conflicts
// are resolved.
func (p *Project) Settle(ctx context.Context) error {
	r, err := p.recover()
	if err != nil {
		return err
	}
	if err := p.consult(ctx); err != nil {
		return err
	}
	if r.Phase != apply.Applied {
		if left := p.unmerged(); len(left) > 0 {
			return failure.New("finish the merge first", "git has unmerged files here: %s", failure.List(left))
		}
		return nil
	}
	left, err := p.unresolved(ctx, r)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return unfinishedError(left)
	}
	if err := apply.Finish(p.fs, p.Dir, p.state); err != nil {
		return stateError(p.state, err)
	}
	return nil
}

// Abort undoes an update with conflicts. It restores git's index first, because that can be repeated if the process ends in
// between, and then the files. With force, it ignores commits since the update.
func (p *Project) Abort(ctx context.Context, force bool) error {
	r, err := p.recover()
	if err != nil {
		return err
	}
	if r.Phase != apply.Applied {
		return failure.New("", "there is no update to undo in %s", p.Dir)
	}
	if p.repo != nil {
		if head := p.repo.head(ctx); head != string(r.Notes[noteHead]) && !force {
			return failure.New("git revert undoes commits; --force aborts the update anyway", "there was a commit since the update of %s", p.Dir)
		}
		before := map[string][]entry{}
		if err := json.Unmarshal(r.Notes[noteIndex], &before); err != nil && len(r.Notes[noteIndex]) > 0 {
			return stateError(p.state, fmt.Errorf("%s %w: %w", p.state, apply.ErrDamaged, err))
		}
		if err := p.repo.setIndex(ctx, before); err != nil {
			return failure.New("", "%w", err)
		}
	}
	done, err := apply.Abort(p.fs, p.Dir, p.state)
	if err != nil {
		return stateError(p.state, err)
	}
	noteLeft(p.note, p.state, done)
	return nil
}
