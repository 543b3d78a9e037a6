package cmd

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"dockerflow/generator/apply"
	"dockerflow/generator/failure"
	"dockerflow/generator/tree"
)

// unresolved lists what an update has left in conflict: paths that git calls unmerged, and files with our markers.
func (e *existing) unresolved(ctx context.Context, r apply.Recovery) ([]string, error) {
	if err := e.consult(ctx); err != nil {
		return nil, err
	}
	left := map[string]bool{}
	for _, p := range e.unmerged() {
		left[p] = true
	}
	dir, err := e.env.FS.Within(e.dir)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	for _, p := range strings.Split(string(r.Notes[noteConflicts]), "\n") {
		if !fs.ValidPath(p) {
			continue // the notes may have been edited
		}
		marked, err := hasMarkers(dir, p)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Join(e.dir, p), err)
		}
		if marked {
			left[p] = true
		}
	}
	return sorted(left), nil
}

// unmerged lists the paths that git has more than one side of.
func (e *existing) unmerged() (paths []string) {
	for p, entries := range e.index {
		if slices.ContainsFunc(entries, func(e entry) bool { return e.Stage != 0 }) {
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	return paths
}

// hasMarkers looks for the lines that open or close a conflict of ours.
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
		text, more, err := lines.ReadLine() // of a long line, one piece after the other: no marker is as long
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
	return &failure.Error{Code: failure.Finding, Err: fmt.Errorf("an update is not finished: decide the conflicts in %s", strings.Join(some(left), ", ")),
		Hint: "git add marks what is decided; dockerflow update --abort takes the update back"}
}

// some cuts a list that no line can hold.
func some(list []string) []string {
	const most = 20
	if len(list) <= most {
		return list
	}
	return append(slices.Clone(list[:most]), fmt.Sprintf("and %d more", len(list)-most))
}

// settled makes sure that no earlier update is under way. One whose conflicts are decided is closed.
func (e *existing) settled(ctx context.Context, r apply.Recovery) error {
	if err := e.consult(ctx); err != nil {
		return err
	}
	if r.Phase != apply.Applied {
		if left := e.unmerged(); len(left) > 0 {
			return failure.New("finish the merge first", "git has unmerged files here: %s", strings.Join(some(left), ", "))
		}
		return nil
	}
	left, err := e.unresolved(ctx, r)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return unfinishedError(left)
	}
	if err := apply.Finish(e.env.FS, e.dir, e.state); err != nil {
		return stateError(e.state, err)
	}
	return nil
}

// abort returns to what there was before an update with conflicts: git's index first, which can be set again if the
// process ends in between, then the files.
func (e *existing) abort(ctx context.Context, r apply.Recovery, force bool) error {
	if r.Phase != apply.Applied {
		return failure.New("", "there is no update to take back in %s", e.dir)
	}
	if e.repo != nil {
		if head := e.repo.head(ctx); head != string(r.Notes[noteHead]) && !force {
			return failure.New("git revert takes back what was committed; --force goes on", "there was a commit since the update of %s", e.dir)
		}
		before := map[string][]entry{}
		if err := json.Unmarshal(r.Notes[noteIndex], &before); err != nil && len(r.Notes[noteIndex]) > 0 {
			return stateError(e.state, fmt.Errorf("%s %w: %w", e.state, apply.ErrDamaged, err))
		}
		if err := e.repo.setIndex(ctx, before); err != nil {
			return failure.New("", "%w", err)
		}
	}
	done, err := apply.Abort(e.env.FS, e.dir, e.state)
	if err != nil {
		return stateError(e.state, err)
	}
	leftOver(e.env, e.state, done)
	e.env.Out.Line("%s: as it was before the update", e.dir)
	return nil
}
