// Package config reads and writes the user's configuration file: default answers, and names for a team's templates.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"dockerflow/generator/failure"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
	"dockerflow/generator/yamlnode"
)

// maxFile limits the size of the configuration file, in bytes.
const maxFile = 64 << 10

// The sections of a configuration.
const (
	Answers   = "answers"
	Templates = "templates"
)

// Config is the user's configuration.
type Config struct {
	Answers   map[string]string // default answers by question
	Templates map[string]string // sources of templates by the user's names for them

	file   string
	places map[string]string // line:column of each value, by key
}

// File returns the path of the configuration file, or "" if there is no home directory.
func File() string {
	dir := os.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) { // as its specification requires
		home, err := os.UserHomeDir()
		dir = filepath.Join(home, ".config")
		if runtime.GOOS == "darwin" || runtime.GOOS == "windows" {
			dir, err = os.UserConfigDir()
		}
		if err != nil {
			return ""
		}
	}
	return filepath.Join(dir, "dockerflow", "config.yaml")
}

// Read reads a configuration file. A missing file, or an empty name, gives an empty configuration. The names of the templates
// in embedded are reserved.
func Read(fsys tree.FS, name string, embedded fs.FS) (*Config, error) {
	data, err := readFile(fsys, name)
	if err != nil {
		return nil, err
	}
	doc, err := parse(data)
	if err == nil {
		var c *Config
		if c, err = judge(doc, embedded); err == nil {
			c.file = name
			return c, nil
		}
	}
	return nil, failure.New("fix it there or with dockerflow config", "%s:%w", name, err)
}

// readFile reads the configuration file. It returns nil if there is none.
func readFile(fsys tree.FS, name string) ([]byte, error) {
	if name == "" {
		return nil, nil
	}
	data, err := tree.ReadBounded(fsys, name, maxFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err == nil && !utf8.Valid(data):
		err = errors.New("want UTF-8 text")
	}
	if err != nil {
		return nil, failure.New("", "configuration %s: %w", name, err)
	}
	return bytes.TrimPrefix(data, []byte("\ufeff")), nil
}

// parse reads the sections and their keys, without checking names or values. It returns nil for an empty text.
func parse(data []byte) (*yaml.Node, error) {
	if !yamlnode.Says(data) {
		return nil, nil
	}
	const want = "want one document with answers: and templates:"
	doc, err := yamlnode.Read(data, yamlnode.Options{Want: want})
	if err != nil {
		return nil, err
	}
	top := doc.Content[0]
	if yamlnode.IsNull(top) {
		return doc, nil
	}
	if top.Kind != yaml.MappingNode {
		return nil, yamlnode.At(top, want)
	}
	if err := uniqueKeys(top, ""); err != nil {
		return nil, err
	}
	for key, section := range yamlnode.Pairs(top) {
		if !yamlnode.IsNull(section) && section.Kind != yaml.MappingNode {
			return nil, yamlnode.At(section, "%s: want one NAME: TEXT per line", key.Value)
		}
		if err := uniqueKeys(section, key.Value+"."); err != nil {
			return nil, err
		}
	}
	return doc, nil
}

func uniqueKeys(n *yaml.Node, prefix string) error {
	seen := map[string]bool{}
	for key := range yamlnode.Pairs(n) {
		switch {
		case key.Kind != yaml.ScalarNode:
			return yamlnode.At(key, "want a name")
		case seen[key.Value]:
			return yamlnode.At(key, "duplicate key %s", prefix+key.Value)
		}
		seen[key.Value] = true
	}
	return nil
}

// judge checks the content of a configuration. Its errors start with line and column.
func judge(doc *yaml.Node, embedded fs.FS) (*Config, error) {
	c := &Config{Answers: map[string]string{}, Templates: map[string]string{}, places: map[string]string{}}
	if doc == nil {
		return c, nil
	}
	for key, section := range yamlnode.Pairs(doc.Content[0]) {
		into := map[string]map[string]string{Answers: c.Answers, Templates: c.Templates}[key.Value]
		if into == nil {
			hint := "want answers or templates"
			if near := template.Nearest(key.Value, []string{Answers, Templates}); near != "" {
				hint = "did you mean " + near + "?"
			}
			return nil, yamlnode.At(key, "unknown key %q: %s", key.Value, hint)
		}
		for name, value := range yamlnode.Pairs(section) {
			full := key.Value + "." + name.Value
			if err := judgeKey(key.Value, name.Value, embedded); err != nil {
				return nil, yamlnode.At(name, "%s: %v", full, err)
			}
			if !isText(value) {
				return nil, yamlnode.At(value, "%s: want text", full)
			}
			if err := judgeValue(key.Value, value.Value); err != nil {
				return nil, yamlnode.At(value, "%s: %v", full, err)
			}
			into[name.Value] = value.Value
			c.places[full] = fmt.Sprintf("%d:%d", value.Line, value.Column)
		}
	}
	return c, nil
}

// isText reports whether n is a scalar that can be read as text. Unquoted 8000 and true are texts, too.
func isText(n *yaml.Node) bool {
	if n.Kind != yaml.ScalarNode {
		return false
	}
	switch n.ShortTag() {
	case "!!str", "!!int", "!!float", "!!bool", "!!timestamp":
		return true
	}
	return false
}

// Keys returns the keys that are set, sorted.
func (c *Config) Keys() []string { return slices.Sorted(maps.Keys(c.places)) }

// Section returns the values of a section: Answers or Templates.
func (c *Config) Section(name string) map[string]string {
	if name == Answers {
		return c.Answers
	}
	return c.Templates
}

// Place returns where a key is set, as file:line:column.
func (c *Config) Place(key string) string { return c.file + ":" + c.places[key] }

// Defaults returns the default answers that t's questions accept. Each template reserves other names.
func (c *Config) Defaults(t *template.Template) map[string]string {
	found := map[string]string{}
	for _, q := range t.Questions {
		if s, ok := c.Answers[q.Name]; ok && template.Refused([]*template.Template{t}, q.Name, s) == nil {
			found[q.Name] = s
		}
	}
	return found
}

// Has reports whether the configuration has a default answer to a question. A nil Config has none.
func (c *Config) Has(question string) bool {
	if c == nil {
		return false
	}
	_, ok := c.Answers[question]
	return ok
}
