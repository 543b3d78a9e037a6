// Package project is the engine behind new, update, adopt and diff: a project's record, what git knows of its files, what
// an update would do to it, and how that is carried out, taken back and recovered. It prints nothing and knows no command
// line.
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

// Note is told what the user should know, and what stops nothing.
type Note func(format string, args ...any)

// Project is a folder that update, adopt and diff start from.
type Project struct {
	Dir    string
	Record *Record // nil where there is none, or none was read

	fs     tree.FS
	note   Note
	repo   *repository        // nil where git cannot help
	state  string             // the folder for what an update that is under way has to remember
	text   []byte             // of the record; nil where there is none
	index  map[string][]entry // of git, by path; nil where there is none
	differ *uncommitted       // nil before it is asked for
}

// ErrNoFolder is returned for a project that is not there.
var ErrNoFolder = errors.New("there is no folder")

// Open finds the project in dir and the git work tree that it lies in. A run that is nil does without git.
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
			says = "this repository does not name its objects by SHA-1, as records do: no file's history can be found in it"
		}
	}
	if says != "" {
		note("%s", says)
	}
	return p, nil
}

// InGit reports whether git knows the project.
func (p *Project) InGit() bool { return p.repo != nil }

// Load reads the record. Its error is fs.ErrNotExist or ErrNoRecord where there is none.
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
	if !info.Mode().IsRegular() { // a link, too: an update would replace it
		return nil, fmt.Errorf("%s: %w", name, regular.Err)
	}
	data, err := tree.ReadBounded(root, tree.RecordFile, MaxRecord)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%s: %w", name, err)
	}
	return data, err
}

// consult asks git what it knows of the project's files.
func (p *Project) consult(ctx context.Context) (err error) {
	if p.repo == nil || p.index != nil {
		return nil
	}
	if p.index, err = p.repo.index(ctx); err != nil {
		return failure.New("", "%w", err)
	}
	return nil
}

// compare asks git what is not committed. Only what writes needs to know.
func (p *Project) compare(ctx context.Context) (err error) {
	if p.repo == nil || p.differ != nil {
		return nil
	}
	if p.differ, err = p.repo.uncommitted(ctx); err != nil {
		return failure.New("", "%w", err)
	}
	return nil
}

// CheckVersion refuses a project that a newer program has written: an update by t would undo what that program added. own
// are the templates that this program has.
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

// Answers are the recorded answers to what a template asks.
func (p *Project) Answers(t *template.Template) map[string]string {
	given := map[string]string{}
	for _, q := range t.Questions {
		if s, ok := p.Record.Answers[q.Name]; ok {
			given[q.Name] = s
		}
	}
	return given
}
