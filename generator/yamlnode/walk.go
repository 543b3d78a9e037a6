package yamlnode

import (
	"iter"
	"strconv"

	"go.yaml.in/yaml/v4"
)

// Pairs are the keys and values of a mapping, and none of anything else.
func Pairs(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; n != nil && n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// EachPair visits a mapping, or nothing where there is nothing in its place. It refuses a second key of the same name.
// What names the mapping in errors.
func EachPair(n *yaml.Node, what string, visit func(key, value *yaml.Node) error) error {
	if IsNull(n) {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		return At(n, "%s: want key: value, a line each", what)
	}
	seen := make(map[string]bool, len(n.Content)/2)
	for key, value := range Pairs(n) {
		if key.Kind != yaml.ScalarNode {
			return At(key, "%s: want a text before the colon", what)
		}
		if seen[key.Value] {
			return At(key, "%s: there is another key %s above", what, Quote(key.Value))
		}
		seen[key.Value] = true
		if err := visit(key, value); err != nil {
			return err
		}
	}
	return nil
}

// Find returns the first key of a mapping that has a name, and its value, or nil.
func Find(n *yaml.Node, name string) (key, value *yaml.Node) {
	for key, value := range Pairs(n) {
		if key.Value == name {
			return key, value
		}
	}
	return nil, nil
}

// Scalar returns the text of a single value, as it is written. What names it in errors.
func Scalar(n *yaml.Node, what string) (string, error) {
	if n.Kind != yaml.ScalarNode || IsNull(n) {
		return "", At(n, "%s: want one value", what)
	}
	return n.Value, nil
}

// IsNull reports whether nothing stands in the place of a value, or null.
func IsNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// Quote shortens and quotes what an error shows of a text.
func Quote(s string) string {
	const most = 60
	if r := []rune(s[:min(len(s), 4*most+4)]); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}

// Move adds to the line of a node and of all nodes in it.
func Move(n *yaml.Node, lines int) {
	n.Line += lines
	for _, child := range n.Content {
		Move(child, lines)
	}
}
