// Package template loads templates, asks their questions, renders them to files, and checks them for mistakes.
package template

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v4"

	"dockerflow/generator/glyph"
	"dockerflow/generator/tree"
	"dockerflow/generator/yamlnode"
)

// Template is a template, with everything that it extends.
type Template struct {
	Name      string
	About     string
	Version   int // increases with every change of what it writes
	Questions []Question
	Next      []string // the first steps in a new project, as shell commands

	Moved   map[string]string // files that an earlier version wrote elsewhere: from old path to new
	Extends map[string]int    // the versions of the templates that it extends, by name
	Origin  Origin            // where it was found; empty for templates of the program

	adoption  adoption
	inherited int                      // number of questions from its base, which come first
	all       []Question               // including those that the template answers itself, in order
	layers    []layer                  // its base's, then its own
	sources   func() (*sources, error) // reads and parses the layers, once for all copies
	defaults  *defaults
}

// layer is one template's folder, without the templates that it extends.
type layer struct {
	fs.FS
	drop []string // paths that it removes from the layers before it; a path that ends in a slash is a folder
}

// manifest is the content of a template.yaml.
type manifest struct {
	About     string            `yaml:"about"`
	Version   int               `yaml:"version"`
	Extends   string            `yaml:"extends"`
	Drop      []string          `yaml:"drop"`
	Defaults  map[string]string `yaml:"defaults"` // question of the base: its new default
	Answers   map[string]string `yaml:"answers"`  // question of the base: its answer, so that it is not asked
	Questions []Question        `yaml:"questions"`
	Next      []string          `yaml:"next"`

	Moved    map[string]string `yaml:"moved"` // old path: new path
	Adoption adoption          `yaml:",inline"`

	Reserved []reserved `yaml:"reserved"`

	places places // positions of its values
}

type reserved struct {
	Question string `yaml:"question"`
	Because  string `yaml:"because"`
	Words    string `yaml:"words"`   // separated by spaces: parsing a list of hundreds would slow down every start
	Pattern  string `yaml:"pattern"` // for whole texts
}

var questionName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9_]*$`) })

// prepare validates a question, and makes it ready for use.
func (q *Question) prepare(taken Taken) (f faults) {
	if !questionName().MatchString(q.Name) {
		f.add(where("name"), "want a name of lower-case letters, digits and underscores")
	} else if err := taken.refuse(q.Name); err != nil {
		f.add(where("name"), "%w", err)
	}
	if q.Ask == "" {
		f.add(where("ask"), "want ask")
	}
	if !slices.Contains([]string{"string", "int", "bool", "choice"}, q.Type) {
		f.add(where("type"), "type %q: want string, int, bool or choice", q.Type)
	} else if (q.Type == "choice") != (len(q.Choices) > 0) {
		f.add(where("choices"), "choices are only for type choice")
	}
	if q.Required == (q.Default != "") {
		f.add(where("default"), "want either required or a default")
	}
	q.compiled = sync.OnceValues(func() (*regexp.Regexp, error) { return compile(q.Pattern) })
	return f
}

// manifestError shortens an error of the YAML loader to file, line, column and message.
func manifestError(file string, err error) error {
	var syntax *yaml.LoadError
	var typed *yaml.LoadErrors
	var read *yamlnode.Error
	switch {
	case errors.As(err, &read):
		return fmt.Errorf("%s:%d:%d: %s", file, read.Line, read.Column, glyph.Line(cut(read.Err.Error(), 300)))
	case errors.As(err, &typed) && len(typed.Errors) > 0:
		syntax = typed.Errors[0]
	case !errors.As(err, &syntax):
		return inFile(file, fmt.Errorf("%s: %w", file, err))
	}
	message := glyph.Line(cut(syntax.Message, 300))
	if key, _, ok := strings.Cut(message, " not found in type "); ok {
		message = "unknown " + key
	}
	return fmt.Errorf("%s:%d:%d: %s", file, max(syntax.Mark.Line, 1), max(syntax.Mark.Column, 1), message)
}

// BlobIDs returns a function for the git blob ids of files that t rendered. It caches the ids of copied files.
func (t *Template) BlobIDs() func(path string, data []byte) string {
	if t.sources != nil {
		if src, err := t.sources(); err == nil {
			return src.id
		}
	}
	return func(_ string, data []byte) string { return tree.BlobID(data) }
}

// Origin is where a template from outside the program was found: what an update needs to know.
type Origin struct {
	Source string // a URL without credentials, or the path of a folder or an archive
	Ref    string // the requested tag, branch or commit of a git repository
	Commit string // the commit that was used
}

// String returns the origin in the syntax of --template.
func (o Origin) String() string {
	if o.Ref == "" {
		return o.Source
	}
	return o.Source + "@" + o.Ref
}

// Named is the template of a name, or nil.
func Named(all []*Template, name string) *Template {
	for _, t := range all {
		if t.Name == name {
			return t
		}
	}
	return nil
}

// Common has the questions that all templates ask.
func Common(all []*Template) *Template {
	count := map[string]int{}
	for _, t := range all {
		for _, q := range t.Questions {
			count[q.Name]++
		}
	}
	shared := &Template{}
	for _, q := range all[0].Questions {
		if count[q.Name] == len(all) {
			shared.Questions = append(shared.Questions, q)
		}
	}
	return shared
}
