package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Config is what a project says about its own check: the part check of its .dockerflow.yaml.
type Config struct {
	Ignore   map[string]string // by rule, why the project does not keep it
	Baseline string            // the file of what was wrong before, seen from the project's folder
}

// ReadConfig reads the part check of a .dockerflow.yaml. Everything else in the file is somebody else's.
func ReadConfig(data []byte) (Config, error) {
	var c Config
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		return c, err
	}
	var doc yaml.Node
	if err := loader.Load(&doc); errors.Is(err, io.EOF) || err == nil && len(doc.Content) == 0 {
		return c, nil
	} else if err != nil {
		return c, err
	}
	part, err := mapping(doc.Content[0], "the file")
	if err != nil {
		return c, err
	}
	for key, value := range part {
		if key.Value != "check" {
			continue
		}
		entries, err := mapping(value, "check")
		if err != nil {
			return c, err
		}
		for key, value := range entries {
			if err := c.set(key, value); err != nil {
				return c, err
			}
		}
	}
	return c, nil
}

func (c *Config) set(key, value *yaml.Node) error {
	switch key.Value {
	case "baseline":
		if value.Kind != yaml.ScalarNode || value.Value == "" {
			return wrongAt(value, "check.baseline: want the path of a file")
		}
		c.Baseline = value.Value
		return nil
	case "ignore":
		return c.setIgnore(value)
	}
	return wrongAt(key, "no key %q in check: want ignore or baseline", key.Value)
}

func (c *Config) setIgnore(value *yaml.Node) error {
	if value.Kind == yaml.SequenceNode {
		return wrongAt(value, "check.ignore: want a reason beside each rule, such as S6: the base is our own")
	}
	entries, err := mapping(value, "check.ignore")
	if err != nil {
		return err
	}
	c.Ignore = map[string]string{}
	for rule, reason := range entries {
		id := rule.Value
		if !slices.ContainsFunc(Rules, func(r Rule) bool { return r.ID == id }) {
			return wrongAt(rule, "check.ignore: no rule %q", id)
		}
		if reason.Kind != yaml.ScalarNode || strings.TrimSpace(reason.Value) == "" || reason.Tag == "!!null" {
			return wrongAt(rule, "check.ignore: %s has no reason: say why the project does not keep it", id)
		}
		c.Ignore[id] = strings.Join(strings.Fields(reason.Value), " ")
	}
	return nil
}

// mapping walks over a mapping's keys and values. An empty one may also be written as nothing.
func mapping(n *yaml.Node, what string) (func(yield func(key, value *yaml.Node) bool), error) {
	if n.Kind != yaml.MappingNode && n.Tag != "!!null" {
		return nil, wrongAt(n, "%s: want a mapping", what)
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i].Value
		if seen[key] {
			return nil, wrongAt(n.Content[i], "%s: %q is there twice", what, key)
		}
		seen[key] = true
	}
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}, nil
}

func wrongAt(n *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("line %d: %w", n.Line, fmt.Errorf(format, args...))
}
