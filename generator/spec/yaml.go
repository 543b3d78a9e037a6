package spec

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// value is one value of a YAML file: a scalar, a list or a mapping. A nil value is one that is not there.
type value struct {
	line   int
	text   string // of a scalar, as it is written
	list   []*value
	keys   []string // of a mapping, in their order
	fields map[string]*value
}

// get follows keys into mappings. It gives nil where there is no such value.
func (v *value) get(keys ...string) *value {
	for _, k := range keys {
		if v == nil {
			return nil
		}
		v = v.fields[k]
	}
	return v
}

// string is a scalar's text. It is empty for what is not there.
func (v *value) string() string {
	if v == nil {
		return ""
	}
	return v.text
}

// strings are the texts of a list, or of the scalar that stands for a list of one.
func (v *value) strings() []string {
	if v == nil {
		return nil
	}
	if v.text != "" {
		return []string{v.text}
	}
	var all []string
	for _, item := range v.list {
		all = append(all, item.text)
	}
	return all
}

// at is the value's line.
func (v *value) at() int {
	if v == nil {
		return 1
	}
	return v.line
}

// maxDepth bounds nesting, and aliases that lead back to themselves.
const maxDepth = 50

// parseYAML reads the first document of a file.
func parseYAML(data []byte) (*value, error) {
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	var doc yaml.Node
	if err := loader.Load(&doc); errors.Is(err, io.EOF) || err == nil && len(doc.Content) == 0 {
		return nil, errors.New("it is empty")
	} else if err != nil {
		return nil, err
	}
	var r yamlReader
	v := r.read(doc.Content[0], 0)
	if r.tooDeep {
		return nil, errors.New("it is nested too deeply")
	}
	return v, nil
}

// yamlError gives the line and the message of a loader's error.
func yamlError(err error) (line int, text string) {
	var located *yaml.LoadError
	if errors.As(err, &located) && located.Mark.Line > 0 {
		return located.Mark.Line, located.Message
	}
	text, _, _ = strings.Cut(err.Error(), "\n")
	return 1, text
}

// yamlReader remembers what it has read, so that aliases of aliases cost no more than what is written.
type yamlReader struct {
	done    map[*yaml.Node]*value
	tooDeep bool
}

func (r *yamlReader) read(n *yaml.Node, depth int) *value {
	if v := r.done[n]; v != nil {
		return v
	}
	v := &value{line: n.Line}
	if depth > maxDepth {
		r.tooDeep = true
		return v
	}
	switch n.Kind {
	case yaml.AliasNode:
		return r.read(n.Alias, depth+1)
	case yaml.SequenceNode:
		for _, item := range n.Content {
			v.list = append(v.list, r.read(item, depth+1))
		}
	case yaml.MappingNode:
		v.fields = map[string]*value{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			r.pair(v, n.Content[i], n.Content[i+1], depth)
		}
	case yaml.ScalarNode:
		if n.ShortTag() != "!!null" {
			v.text = n.Value
		}
		if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			v.line++ // where its text begins
		}
	}
	if n.Anchor != "" {
		if r.done == nil {
			r.done = map[*yaml.Node]*value{}
		}
		r.done[n] = v
	}
	return v
}

// pair adds a key to a mapping. A merge key adds those of another mapping that are not there yet.
func (r *yamlReader) pair(v *value, key, n *yaml.Node, depth int) {
	item := r.read(n, depth+1)
	if key.ShortTag() == "!!merge" {
		for _, from := range append([]*value{item}, item.list...) {
			for _, k := range from.keys {
				if v.fields[k] == nil {
					v.set(k, from.fields[k])
				}
			}
		}
		return
	}
	v.set(key.Value, item)
}

func (v *value) set(key string, item *value) {
	if !slices.Contains(v.keys, key) {
		v.keys = append(v.keys, key)
	}
	v.fields[key] = item
}
