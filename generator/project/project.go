// Package project implements new, update, adopt and diff: it reads and writes a project's record, asks git about its files,
// and plans, applies, aborts and recovers updates. It prints nothing and does not depend on the command line.
package project

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"

	"dockerflow/generator/failure"
	"dockerflow/generator/git"
	"dockerflow/generator/regular"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
)

// Note receives messages for the user that do not stop the run.
type Note func(format string, args ...any)

// Project is the folder that update, adopt and diff work on.
type Project struct {
	Dir    string
	Record *Record // nil if there is none, or before Load

	fs     tree.FS
	note   Note
	repo   *repository        // nil without a usable git repository
	state  string             // the folder for the state of an update in progress
	text   []byte             // of the record; nil without one
	index  map[string][]entry // git's index, by path; nil without a repository and before consult
	differ *uncommitted       // nil before compare
}

// ErrNoFolder is returned for a project folder that does not exist.
var ErrNoFolder = errors.New("there is no folder")

// Open finds the project in dir and the git work tree that contains it. If run is nil, it does not use git.
func Open(ctx context.Context, fsys tree.FS, run git.Runner, dir string, note Note) (*Project, error) {
	dir = filepath.Clean(dir)
	info, err := fsys.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w %s", ErrNoFolder, dir)
	case err != nil:
		return nil, err
	case !info.IsDir():
		return nil, failure.New("name the project's folder", "%s is not a folder", dir)
	}
	p := &Project{Dir: dir, fs: fsys, note: note, state: filepath.Join(dir, tree.StateFolder)}
	repo, says, err := findRepository(ctx, run, dir)
	if err != nil {
		return nil, err
	}
	if p.repo = repo; repo != nil {
		p.state = repo.state()
		if !repo.sha1 {
			says = "this repository does not use SHA-1 object ids, as records do: no file history is available"
		}
	}
	if says != "" {
		note("%s", says)
	}
	return p, nil
}

// InGit reports whether the project is in a git repository.
func (p *Project) InGit() bool { return p.repo != nil }

// Load reads the record. If there is none, its error wraps fs.ErrNotExist or is ErrNoRecord.
func (p *Project) Load() (err error) {
	if p.text, err = ReadRecordFile(p.fs, p.Dir); err != nil {
		return err
	}
	if p.Record, err = ReadRecord(p.text); err != nil && !errors.Is(err, ErrNoRecord) {
		return fmt.Errorf("%s:%w", filepath.Join(p.Dir, tree.RecordFile), err)
	}
	return err
}

// ReadRecordFile reads the text of the record of the project in dir.
func ReadRecordFile(fsys tree.FS, dir string) ([]byte, error) {
	root, err := fsys.Within(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	name := filepath.Join(dir, tree.RecordFile)
	info, err := root.Lstat(tree.RecordFile)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() { // links are rejected, too: an update would replace them
		return nil, fmt.Errorf("%s: %w", name, regular.Err)
	}
	data, err := tree.ReadBounded(root, tree.RecordFile, MaxRecord)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return data, err
}

// consult reads git's index of the project's files, once.
func (p *Project) consult(ctx context.Context) (err error) {
	if p.repo == nil || p.index != nil {
		return nil
	}
	if p.index, err = p.repo.index(ctx); err != nil {
		return failure.New("", "%w", err)
	}
	return nil
}

// compare asks git for uncommitted changes, once. Only commands that write need them.
func (p *Project) compare(ctx context.Context) (err error) {
	if p.repo == nil || p.differ != nil {
		return nil
	}
	if p.differ, err = p.repo.uncommitted(ctx); err != nil {
		return failure.New("", "%w", err)
	}
	return nil
}

// CheckVersion returns an error if a newer program wrote the project: an update by t would undo what that program added. own
// lists this program's templates.
func (p *Project) CheckVersion(own []*template.Template, t *template.Template) error {
	made := maps.Clone(p.Record.Extends)
	if p.Record.Origin.Source == "" && t.Origin.Source == "" {
		made[p.Record.Template] = p.Record.Version
	}
	for _, name := range slices.Sorted(maps.Keys(made)) {
		i := slices.IndexFunc(own, func(t *template.Template) bool { return t.Name == name })
		if i >= 0 && own[i].Version < made[name] {
			return failure.New("use a newer dockerflow", "%s was made by version %d of template %s, and this program has version %d",
				p.Dir, made[name], name, own[i].Version)
		}
	}
	return nil
}

// Answers returns the recorded answers to t's questions.
func (p *Project) Answers(t *template.Template) map[string]string {
	given := map[string]string{}
	for _, q := range t.Questions {
		if s, ok := p.Record.Answers[q.Name]; ok {
			given[q.Name] = s
		}
	}
	return given
}
