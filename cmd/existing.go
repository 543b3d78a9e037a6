package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"

	"github.com/spf13/cobra"

	"dockerflow/generator/apply"
	"dockerflow/generator/failure"
	"dockerflow/generator/phrase"
	"dockerflow/generator/project"
	"dockerflow/generator/regular"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
)

// existing is a project that is there already: what update, adopt and diff start from.
type existing struct {
	env    Env
	dir    string
	repo   *repository // nil where git cannot help
	state  string      // the folder for what an update that is under way has to remember
	text   []byte      // of the record; nil where there is none
	record *project.Record
	index  map[string][]entry // of git, by path; nil where there is none
	differ *uncommitted       // nil before it is asked for
}

// inFolder runs a command in DIR, or in this folder.
func inFolder(run func(ctx context.Context, dir string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		dir := "."
		if len(args) > 0 {
			dir = args[0]
		}
		if dir == "" {
			return failure.New("leave it out for this folder", "DIR is empty")
		}
		return run(c.Context(), dir)
	}
}

func openProject(ctx context.Context, env Env, dir string) (*existing, error) {
	dir = filepath.Clean(dir)
	info, err := env.FS.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, failure.New("dockerflow new "+phrase.Folder(dir)+" makes a new one", "there is no folder %s", dir)
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, failure.New("name the project's folder", "%s is not a folder", dir)
	}
	e := &existing{env: env, dir: dir, state: filepath.Join(dir, tree.StateFolder)}
	repo, note, err := findRepository(ctx, env.Git, dir)
	if err != nil {
		return nil, err
	}
	if e.repo = repo; repo != nil {
		e.state = repo.state()
		if !repo.sha1 {
			note = "this repository does not name its objects by SHA-1, as records do: no file's history can be found in it"
		}
	}
	if note != "" {
		e.note("%s", note)
	}
	return e, nil
}

func (e *existing) note(format string, args ...any) { e.env.note(format, args...) }

// states are the folders where an earlier run may have left something: the project may have become a repository since.
func (e *existing) states() []string {
	own := filepath.Join(e.dir, tree.StateFolder)
	if e.state == own {
		return []string{own}
	}
	return []string{e.state, own}
}

// recover takes back what a run that was killed had begun, and finds what an update with conflicts has left.
func (e *existing) recover() (apply.Recovery, error) {
	for _, state := range e.states() {
		r, err := apply.Recover(e.env.FS, e.dir, state)
		if err != nil {
			return r, stateError(state, err)
		}
		if r.Phase == apply.Begun {
			e.note("an earlier run was ended on the way: what it had changed is taken back")
			leftOver(e.env, state, r)
		}
		if r.Phase == apply.Applied {
			e.state = state
			return r, nil
		}
	}
	return apply.Recovery{}, nil
}

// undisturbed is for commands that change nothing.
func (e *existing) undisturbed(ctx context.Context) error {
	for _, state := range e.states() {
		r, err := apply.Inspect(e.env.FS, state)
		if err != nil {
			return stateError(state, err)
		}
		if r.Phase == apply.Begun {
			return failure.New("dockerflow update takes it back first", "an earlier run was ended on the way in %s", e.dir)
		}
		if r.Phase != apply.Applied {
			continue
		}
		e.state = state
		left, err := e.unresolved(ctx, r)
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

// leftOver tells what of the user's a run that is taken back has met.
func leftOver(env Env, state string, r apply.Recovery) {
	for _, p := range r.Left {
		env.note("%s was changed since, and stays", p)
	}
	for _, p := range sorted(r.Kept) {
		env.note("%s was changed since: that is in %s now", p, filepath.Join(filepath.Dir(state), filepath.FromSlash(r.Kept[p])))
	}
}

// load reads the record.
func (e *existing) load() error {
	err := e.read()
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, project.ErrNoRecord):
		return failure.New("dockerflow adopt "+phrase.Folder(e.dir)+" makes one", "%s has no record of a template in %s", e.dir, tree.RecordFile)
	case err != nil:
		return failure.New("", "%w", err)
	}
	return nil
}

func (e *existing) read() (err error) {
	if e.text, err = e.readText(); err != nil {
		return err
	}
	if e.record, err = project.ReadRecord(e.text); err != nil && !errors.Is(err, project.ErrNoRecord) {
		return fmt.Errorf("%s:%w", filepath.Join(e.dir, tree.RecordFile), err)
	}
	return err
}

func (e *existing) readText() ([]byte, error) {
	dir, err := e.env.FS.Within(e.dir)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	name := filepath.Join(e.dir, tree.RecordFile)
	info, err := dir.Lstat(tree.RecordFile)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // a link, too: an update would replace it
		return nil, fmt.Errorf("%s: %w", name, regular.Err)
	}
	data, err := readBounded(dir, tree.RecordFile, project.MaxRecord)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return data, err
}

// consult asks git what it knows of the project's files.
func (e *existing) consult(ctx context.Context) (err error) {
	if e.repo == nil || e.index != nil {
		return nil
	}
	if e.index, err = e.repo.index(ctx); err != nil {
		return failure.New("", "%w", err)
	}
	return nil
}

// compare asks git what is not committed. Only what writes needs to know.
func (e *existing) compare(ctx context.Context) (err error) {
	if e.repo == nil || e.differ != nil {
		return nil
	}
	if e.differ, err = e.repo.uncommitted(ctx); err != nil {
		return failure.New("", "%w", err)
	}
	return nil
}

// newer refuses a project that a newer program has written: what came since would be taken from it.
func (e *existing) newer(own []*template.Template, t *template.Template) error {
	made := maps.Clone(e.record.Extends)
	if e.record.Origin.Source == "" && t.Origin.Source == "" {
		made[e.record.Template] = e.record.Version
	}
	for _, name := range sorted(made) {
		if brought := named(own, name); brought != nil && brought.Version < made[name] {
			return failure.New("use a newer dockerflow", "%s was made by version %d of template %s, and this program has version %d",
				e.dir, made[name], name, brought.Version)
		}
	}
	return nil
}
