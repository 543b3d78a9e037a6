package contract

import (
	"errors"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"dockerflow/generator/yamlnode"
)

// Config is the check section of a project's .dockerflow.yaml.
type Config struct {
	Ignore   map[string]string // reasons not to follow a rule, by rule
	Baseline string            // the path of the baseline, relative to the project's folder
}

// ReadConfig reads the check section of a .dockerflow.yaml and ignores all others. Its errors begin with line and
// column.
func ReadConfig(data []byte) (Config, error) {
	var c Config
	doc, err := yamlnode.Read(data, yamlnode.Options{First: true})
	switch {
	case errors.Is(err, yamlnode.ErrEmpty):
		return c, nil
	case err != nil:
		return c, err
	}
	return c, yamlnode.EachPair(doc.Content[0], "the file", func(key, value *yaml.Node) error {
		if key.Value != "check" {
			return nil
		}
		return yamlnode.EachPair(value, "check", c.set)
	})
}

func (c *Config) set(key, value *yaml.Node) error {
	switch key.Value {
	case "baseline":
		if value.Kind != yaml.ScalarNode || value.Value == "" {
			return yamlnode.At(value, "check.baseline: want a file path")
		}
		c.Baseline = value.Value
		return nil
	case "ignore":
		return c.setIgnore(value)
	}
	return yamlnode.At(key, "unknown key %q in check: want ignore or baseline", key.Value)
}

func (c *Config) setIgnore(value *yaml.Node) error {
	if value.Kind == yaml.SequenceNode {
		return yamlnode.At(value, "check.ignore: want a reason for each rule, such as S6: we use our own base image")
	}
	c.Ignore = map[string]string{}
	return yamlnode.EachPair(value, "check.ignore", func(rule, reason *yaml.Node) error {
		id := rule.Value
		if !slices.ContainsFunc(Rules, func(r Rule) bool { return r.ID == id }) {
			return yamlnode.At(rule, "check.ignore: unknown rule %q", id)
		}
		if reason.Kind != yaml.ScalarNode || strings.TrimSpace(reason.Value) == "" || yamlnode.IsNull(reason) {
			return yamlnode.At(rule, "check.ignore: %s has no reason: say why the project does not keep it", id)
		}
		c.Ignore[id] = strings.Join(strings.Fields(reason.Value), " ")
		return nil
	})
}
