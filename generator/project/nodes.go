package project

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"dockerflow/generator/glyph"
	"dockerflow/generator/yamlnode"
)

// lineOf returns a text that is safe to print: one line without invisible characters.
func lineOf(n *yaml.Node, what string) (string, error) {
	s, err := yamlnode.Scalar(n, what)
	if err == nil && (s == "" || len(s) > maxLine || strings.ContainsFunc(s, func(r rune) bool { return !glyph.Shows(r) })) {
		err = yamlnode.At(n, "%s: want one line of printable text, at most %d bytes", what, maxLine)
	}
	return s, err
}

const maxLine = 2000

func versionOf(n *yaml.Node) (int, error) {
	v, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || v < 1 {
		return 0, yamlnode.At(n, "version: want a whole number from 1")
	}
	return v, nil
}
