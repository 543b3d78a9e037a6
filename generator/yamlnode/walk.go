package yamlnode

import (
	"iter"
	"strconv"

	"go.yaml.in/yaml/v4"
)

// Pairs returns the keys and values of a mapping. It returns nothing for other nodes.
func Pairs(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; n != nil && n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// EachPair visits the pairs of a mapping; an absent mapping is empty. It refuses duplicate keys. The parameter what
// names the mapping in errors.
func EachPair(n *yaml.Node, what string, visit func(key, value *yaml.Node) error) error {
	if IsNull(n) {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		return At(n, "%s: want key: value, one on each line", what)
	}
	seen := make(map[string]bool, len(n.Content)/2)
	for key, value := range Pairs(n) {
		if key.Kind != yaml.ScalarNode {
			return At(key, "%s: want a text as the key", what)
		}
		if seen[key.Value] {
			return At(key, "%s: duplicate key %s", what, Quote(key.Value))
		}
		seen[key.Value] = true
		if err := visit(key, value); err != nil {
			return err
		}
	}
	return nil
}

// Find returns the first key with a given name, and its value. It returns nil if there is none.
func Find(n *yaml.Node, name string) (key, value *yaml.Node) {
	for key, value := range Pairs(n) {
		if key.Value == name {
			return key, value
		}
	}
	return nil, nil
}

// Scalar returns the text of a scalar as it was written. The parameter what names it in errors.
func Scalar(n *yaml.Node, what string) (string, error) {
	if n.Kind != yaml.ScalarNode || IsNull(n) {
		return "", At(n, "%s: want one value", what)
	}
	return n.Value, nil
}

// IsNull reports whether a value is absent or null.
func IsNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// Quote quotes a text for an error, and shortens it.
func Quote(s string) string {
	const most = 60
	if r := []rune(s[:min(len(s), 4*most+4)]); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return strconv.Quote(s)
}

// Move adds to the line numbers of a node and all nodes below it.
func Move(n *yaml.Node, lines int) {
	n.Line += lines
	for _, child := range n.Content {
		Move(child, lines)
	}
}
