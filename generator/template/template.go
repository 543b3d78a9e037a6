// Package generator turns a template and answers into files, and writes them without losing anything.
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

// Template is one thing that can be made.
type Template struct {
	Name      string
	About     string
	Version   int // grows with every change of what it writes
	Questions []Question
	Next      []string // what one does first in the new project, as shell commands

	Moved   map[string]string // where it has files now that an earlier version wrote elsewhere: from old path to new
	Extends map[string]int    // the versions of the templates that it is laid over, by their names
	Origin  Origin            // where it was found; of those that the program brings, nowhere

	adoption  adoption
	inherited int                      // how many questions are its base's: the first ones of all
	all       []Question               // with those that the template answers itself, in order
	layers    []layer                  // its base's, then its own
	sources   func() (*sources, error) // reads and parses the layers, once for all copies
	defaults  *defaults
}

// layer is one template's folder, without those that it is laid over.
type layer struct {
	fs.FS
	drop []string // what it takes away from the layers before it: paths; one that ends in a slash is a folder
}

// manifest is a template.yaml.
type manifest struct {
	About     string            `yaml:"about"`
	Version   int               `yaml:"version"`
	Extends   string            `yaml:"extends"`
	Drop      []string          `yaml:"drop"`
	Defaults  map[string]string `yaml:"defaults"` // question of the base: its default
	Answers   map[string]string `yaml:"answers"`  // question of the base: its answer, so that it is asked no more
	Questions []Question        `yaml:"questions"`
	Next      []string          `yaml:"next"`

	Moved    map[string]string `yaml:"moved"` // old path: new path
	Adoption adoption          `yaml:",inline"`

	Reserved []reserved `yaml:"reserved"`

	places places // of its values
}

type reserved struct {
	Question string `yaml:"question"`
	Because  string `yaml:"because"`
	Words    string `yaml:"words"`   // separated by spaces: a list of hundreds would slow every start
	Pattern  string `yaml:"pattern"` // of whole texts
}

var questionName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[a-z][a-z0-9_]*$`) })

// prepare makes a question ready, and finds what is wrong with it.
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
		f.add(where("choices"), "choices go with type choice")
	}
	if q.Required == (q.Default != "") {
		f.add(where("default"), "want either required or a default")
	}
	q.compiled = sync.OnceValues(func() (*regexp.Regexp, error) { return compile(q.Pattern) })
	return f
}

// manifestError shortens YAML's error to file, line, column and message.
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

// BlobIDs returns a function for the git blob ids of files that t rendered. It remembers those of files that are copied.
func (t *Template) BlobIDs() func(path string, data []byte) string {
	if t.sources != nil {
		if src, err := t.sources(); err == nil {
			return src.id
		}
	}
	return func(_ string, data []byte) string { return tree.BlobID(data) }
}

// Origin is where a template was found that the program does not bring: what an update has to know.
type Origin struct {
	Source string // the URL without credentials, or the path of a folder or an archive
	Ref    string // what of a git repository was asked for: a tag, a branch or a commit
	Commit string // what that was
}

// String is an origin as --template takes it.
func (o Origin) String() string {
	if o.Ref == "" {
		return o.Source
	}
	return o.Source + "@" + o.Ref
}
