// Package generator turns a template and answers into files, and writes them without losing anything.
package generator

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"
)

// common is the folder whose files and questions every template starts from.
const common = "common"

// Template is one thing that can be made.
type Template struct {
	Name      string
	About     string
	Version   int // grows with every change of what it writes
	Questions []Question
	Next      []string // what one does first in the new project, as shell commands

	Moved map[string]string // where it has files now that an earlier version wrote elsewhere: from old path to new

	adoption adoption
	layers   []fs.FS // the common folder, then the template's own
}

type manifest struct {
	About     string     `yaml:"about"`
	Version   int        `yaml:"version"`
	Questions []Question `yaml:"questions"`
	Next      []string   `yaml:"next"`

	Moved    map[string]string `yaml:"moved"` // old path: new path
	Adoption adoption          `yaml:",inline"`

	Reserved []struct {
		Question string `yaml:"question"`
		Because  string `yaml:"because"`
		Words    string `yaml:"words"` // separated by spaces: a list of hundreds would slow every start
	} `yaml:"reserved"`
}

// Load reads the manifests of all templates in fsys: each folder but common is one. It reads none of their files.
func Load(fsys fs.FS) ([]*Template, error) {
	base, err := readManifest(fsys, common)
	if err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("list templates: %w", err)
	}
	var all []*Template
	for _, e := range entries {
		if !e.IsDir() || e.Name() == common {
			continue
		}
		t, err := load(fsys, e.Name(), base)
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, nil
}

func load(fsys fs.FS, name string, base manifest) (*Template, error) {
	own, err := readManifest(fsys, name)
	if err != nil {
		return nil, err
	}
	t := &Template{
		Name:      name,
		About:     own.About,
		Version:   own.Version,
		Next:      own.Next,
		Questions: slices.Concat(base.Questions, own.Questions),
	}
	for _, folder := range []string{common, name} {
		layer, err := fs.Sub(fsys, folder)
		if err != nil {
			return nil, fmt.Errorf("template %s: %w", folder, err)
		}
		t.layers = append(t.layers, layer)
	}
	own.Reserved = append(slices.Clone(base.Reserved), own.Reserved...)
	err = errors.Join(t.prepare(own), t.addMoved(base.Moved, own.Moved), t.addAdoption(own.Adoption, base.Adoption))
	if err != nil {
		return nil, fmt.Errorf("%s/template.yaml: %w", name, err)
	}
	return t, nil
}

func readManifest(fsys fs.FS, name string) (m manifest, err error) {
	file := path.Join(name, "template.yaml")
	data, err := fs.ReadFile(fsys, file)
	if err != nil {
		return m, fmt.Errorf("template %s: %w", name, err)
	}
	if err := yaml.Load(data, &m, yaml.WithKnownFields(), yaml.WithUniqueKeys()); err != nil {
		return m, manifestError(file, err)
	}
	info, err := fs.Stat(fsys, path.Join(name, "files"))
	if err == nil && !info.IsDir() {
		err = errors.New("files is not a folder")
	}
	if err != nil {
		return m, fmt.Errorf("template %s has no files: %w", name, err)
	}
	return m, nil
}

var questionName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9_]*$`) })

// prepare checks the manifest and hands the reserved words to their questions.
func (t *Template) prepare(m manifest) error {
	if m.About == "" || m.Version < 1 {
		return errors.New("want about, and version from 1")
	}
	known := map[string]*Question{}
	for i := range t.Questions {
		q := &t.Questions[i]
		if known[q.Name] != nil {
			return fmt.Errorf("question %q is defined twice", q.Name)
		}
		known[q.Name] = q
		if err := q.prepare(); err != nil {
			return fmt.Errorf("question %q: %w", q.Name, err)
		}
	}
	for _, r := range m.Reserved {
		q := known[r.Question]
		if q == nil {
			return fmt.Errorf("reserved: no question %q", r.Question)
		}
		if q.reserved == nil {
			q.reserved = map[string]string{}
		}
		for _, w := range strings.Fields(r.Words) {
			q.reserved[w] = r.Because
		}
	}
	return nil
}

func (q *Question) prepare() error {
	switch {
	case !questionName().MatchString(q.Name) || q.Name == "template":
		return errors.New("want a name of lower-case letters, digits and underscores, other than template")
	case q.Ask == "":
		return errors.New("want ask")
	case !slices.Contains([]string{"string", "int", "bool", "choice"}, q.Type):
		return fmt.Errorf("type %q: want string, int, bool or choice", q.Type)
	case (q.Type == "choice") != (len(q.Choices) > 0):
		return errors.New("choices go with type choice")
	case q.Required == (q.Default != ""):
		return errors.New("want either required or a default")
	}
	q.compiled = sync.OnceValues(func() (*regexp.Regexp, error) { return compile(q.Pattern) })
	return nil
}

// Check proves what Load takes on trust to be quick: that every pattern compiles, every fixed default is an answer,
// and every file parses.
func (t *Template) Check() error {
	for _, q := range t.Questions {
		if _, err := q.pattern(); err != nil {
			return fmt.Errorf("template %s: question %q: %w", t.Name, q.Name, err)
		}
		if q.Required || strings.Contains(q.Default, delimLeft) {
			continue
		}
		if _, err := q.Parse(q.Default); err != nil {
			return fmt.Errorf("template %s: default: %w", t.Name, err)
		}
	}
	if _, err := t.Guesses(func(string) (string, bool) { return "", true }); err != nil {
		return err
	}
	if _, err := t.sources(); err != nil {
		return fmt.Errorf("template %s: %w", t.Name, err)
	}
	return nil
}

// manifestError shortens YAML's error to file, line, column and message.
func manifestError(file string, err error) error {
	var syntax *yaml.LoadError
	var typed *yaml.LoadErrors
	switch {
	case errors.As(err, &typed) && len(typed.Errors) > 0:
		syntax = typed.Errors[0]
	case !errors.As(err, &syntax):
		return fmt.Errorf("%s: %w", file, err)
	}
	message := syntax.Message
	if key, _, ok := strings.Cut(message, " not found in type "); ok {
		message = "unknown " + key
	}
	return fmt.Errorf("%s:%d:%d: %s", file, max(syntax.Mark.Line, 1), max(syntax.Mark.Column, 1), message)
}
