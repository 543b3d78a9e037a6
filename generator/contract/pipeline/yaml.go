package pipeline

import (
	"errors"

	"go.yaml.in/yaml/v4"

	"dockerflow/generator/yamlnode"
)

// value is one value of a YAML file: a scalar, a list or a mapping. A nil value is one that is not there.
type value struct {
	line   int
	text   string // of a scalar, as it is written
	list   []*value
	keys   []string // of a mapping, in their order
	fields map[string]*value
}

// get follows keys into mappings. It returns nil if there is no such value.
func (v *value) get(keys ...string) *value {
	for _, k := range keys {
		if v == nil {
			return nil
		}
		v = v.fields[k]
	}
	return v
}

// string returns a scalar's text, or "" for a missing value.
func (v *value) string() string {
	if v == nil {
		return ""
	}
	return v.text
}

// strings returns the texts of a list. A scalar is a list of one.
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

// maxDepth bounds how deep commands use each other.
const maxDepth = 50

// parseYAML reads the first document of a file.
func parseYAML(data []byte) (*value, error) {
	doc, err := yamlnode.Read(data, yamlnode.Options{First: true})
	if err != nil {
		return nil, err
	}
	return yamlReader{}.read(doc.Content[0]), nil
}

// yamlError returns the line and the message of an error of parseYAML.
func yamlError(err error) (line int, text string) {
	var located *yamlnode.Error
	if errors.As(err, &located) {
		return located.Line, located.Err.Error()
	}
	return 1, err.Error()
}

// yamlReader caches values, so that aliases share them.
type yamlReader map[*yaml.Node]*value

func (r yamlReader) read(n *yaml.Node) *value {
	if v := r[n]; v != nil {
		return v
	}
	v := &value{line: n.Line}
	switch n.Kind {
	case yaml.AliasNode:
		return r.read(n.Alias)
	case yaml.SequenceNode:
		for _, item := range n.Content {
			v.list = append(v.list, r.read(item))
		}
	case yaml.MappingNode:
		v.fields = make(map[string]*value, len(n.Content)/2)
		for key, item := range yamlnode.Pairs(n) {
			r.pair(v, key, item)
		}
	case yaml.ScalarNode:
		if !yamlnode.IsNull(n) {
			v.text = n.Value
		}
		if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			v.line++ // where its text begins
		}
	}
	if n.Anchor != "" {
		r[n] = v
	}
	return v
}

// pair adds a key to a mapping. A merge key adds those of another mapping that are not there yet: what aliases stand
// for is bounded, and so are they.
func (r yamlReader) pair(v *value, key, n *yaml.Node) {
	item := r.read(n)
	if key.ShortTag() != "!!merge" {
		v.set(key.Value, item)
		return
	}
	for _, from := range append([]*value{item}, item.list...) {
		for _, k := range from.keys {
			if v.fields[k] == nil {
				v.set(k, from.fields[k])
			}
		}
	}
}

func (v *value) set(key string, item *value) {
	if _, ok := v.fields[key]; !ok {
		v.keys = append(v.keys, key)
	}
	v.fields[key] = item
}
