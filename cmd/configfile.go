package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"dockerflow/generator/failure"
	"dockerflow/generator/yamlnode"
)

// maxUserConfig bounds the user's configuration, in bytes.
const maxUserConfig = 64 << 10

// The sections of the user's configuration.
const (
	answersSection   = "answers"
	templatesSection = "templates"
)

// config is what the user has set for every run.
type config struct {
	file      string
	answers   map[string]string // defaults by question
	templates map[string]string // where templates are kept, by the names that the user gave them
	places    map[string]string // line:column of each value, by its key
}

// systemConfig is where the user's configuration is, or "" where there is no home.
func systemConfig() string {
	dir := os.Getenv("XDG_CONFIG_HOME")
	if !filepath.IsAbs(dir) { // as its specification wants it
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

// readConfig reads the user's configuration. That there is none costs a look, and is no error.
func readConfig(env Env) (*config, error) {
	data, err := readConfigFile(env)
	if err != nil {
		return nil, err
	}
	doc, err := parseConfig(data)
	if err == nil {
		var c *config
		if c, err = newConfig(doc, env.Templates); err == nil {
			c.file = env.Config
			return c, nil
		}
	}
	return nil, failure.New("mend it there, or by dockerflow config", "%s:%w", env.Config, err)
}

// readConfigFile is nil where there is no file.
func readConfigFile(env Env) ([]byte, error) {
	if env.Config == "" {
		return nil, nil
	}
	data, err := readBounded(env.FS, env.Config, maxUserConfig)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err == nil && !utf8.Valid(data):
		err = errors.New("want UTF-8 text")
	}
	if err != nil {
		return nil, failure.New("", "configuration %s: %w", env.Config, err)
	}
	return bytes.TrimPrefix(data, []byte("\ufeff")), nil
}

// parseConfig reads the sections and their keys, and trusts none of the values. It is nil for an empty text.
func parseConfig(data []byte) (*yaml.Node, error) {
	if !says(data) {
		return nil, nil
	}
	const want = "want one document of answers: and templates:"
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
			return nil, yamlnode.At(section, "%s: want NAME: TEXT, a line each", key.Value)
		}
		if err := uniqueKeys(section, key.Value+"."); err != nil {
			return nil, err
		}
	}
	return doc, nil
}

// says tells whether a YAML text is more than space and comments: without a document there is nothing to be read.
func says(data []byte) bool {
	for line := range bytes.Lines(data) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return true
		}
	}
	return false
}

func uniqueKeys(n *yaml.Node, prefix string) error {
	seen := map[string]bool{}
	for key := range yamlnode.Pairs(n) {
		switch {
		case key.Kind != yaml.ScalarNode:
			return yamlnode.At(key, "want a name")
		case seen[key.Value]:
			return yamlnode.At(key, "there is another key %s above", prefix+key.Value)
		}
		seen[key.Value] = true
	}
	return nil
}

// newConfig judges what a configuration says. Its errors begin with line and column.
func newConfig(doc *yaml.Node, embedded fs.FS) (*config, error) {
	c := &config{answers: map[string]string{}, templates: map[string]string{}, places: map[string]string{}}
	if doc == nil {
		return c, nil
	}
	for key, section := range yamlnode.Pairs(doc.Content[0]) {
		into := map[string]map[string]string{answersSection: c.answers, templatesSection: c.templates}[key.Value]
		if into == nil {
			hint := suggest("", key.Value, []string{answersSection, templatesSection}, "want answers or templates")
			return nil, yamlnode.At(key, "no key %q: %s", key.Value, hint)
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

// isText takes what is written for what is meant: 8000 and true are texts, too.
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
