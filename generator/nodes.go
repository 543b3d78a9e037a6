package generator

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// eachPair visits a mapping. It refuses a key that stands twice; an alias is no value here, so no document grows.
func eachPair(n *yaml.Node, what string, visit func(key, value *yaml.Node) error) error {
	if n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		return placed(n, "%s: want key: value, a line each", what)
	}
	seen := make(map[string]bool, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode {
			return placed(key, "%s: want a text before the colon", what)
		}
		if seen[key.Value] {
			return placed(key, "%s stands twice", shorten(key.Value))
		}
		seen[key.Value] = true
		if err := visit(key, n.Content[i+1]); err != nil {
			return err
		}
	}
	return nil
}

func scalarOf(n *yaml.Node, what string) (string, error) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() == "!!null" {
		return "", placed(n, "%s: want one value", shorten(what))
	}
	return n.Value, nil
}

// lineOf is a text that is printed: it hides nothing.
func lineOf(n *yaml.Node, what string) (string, error) {
	s, err := scalarOf(n, what)
	if err == nil && (s == "" || len(s) > maxLine || strings.ContainsFunc(s, unprintable)) {
		err = placed(n, "%s: want one line of printable text, at most %d bytes", what, maxLine)
	}
	return s, err
}

const maxLine = 2000

func versionOf(n *yaml.Node) (int, error) {
	v, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || v < 1 {
		return 0, placed(n, "version: want a whole number from 1")
	}
	return v, nil
}

func placed(n *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%d:%d: %w", max(n.Line, 1), max(n.Column, 1), fmt.Errorf(format, args...))
}

// SyntaxError shortens an error of the YAML loader to line, column and message. Of one that has no place it says instead
// what is wanted.
func SyntaxError(err error, wanted string) error {
	var e *yaml.LoadError
	if errors.As(err, &e) && e.Mark.Line > 0 {
		return fmt.Errorf("%d:%d: %s", e.Mark.Line, max(e.Mark.Column, 1), e.Message)
	}
	return errors.New("1:1: " + wanted)
}
