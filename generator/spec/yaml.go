package spec

import (
	"errors"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
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
	file, err := parser.ParseBytes(data, 0)
	if err != nil {
		return nil, err
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		return nil, errors.New("it is empty")
	}
	r := yamlReader{anchors: map[string]*value{}}
	v := r.read(file.Docs[0].Body, 0)
	if r.tooDeep {
		return nil, errors.New("it is nested too deeply")
	}
	return v, nil
}

// yamlError gives the line and the message of a parser's error.
func yamlError(err error) (line int, text string) {
	var located yaml.Error
	if errors.As(err, &located) && located.GetToken() != nil {
		return located.GetToken().Position.Line, located.GetMessage()
	}
	text, _, _ = strings.Cut(err.Error(), "\n")
	return 1, text
}

type yamlReader struct {
	anchors map[string]*value
	tooDeep bool
}

func (r *yamlReader) read(n ast.Node, depth int) *value {
	v := &value{line: 1}
	if n == nil {
		return v
	}
	if t := n.GetToken(); t != nil {
		v.line = t.Position.Line
	}
	if depth > maxDepth {
		r.tooDeep = true
		return v
	}
	switch n := n.(type) {
	case *ast.AnchorNode:
		v = r.read(n.Value, depth+1)
		r.anchors[n.Name.GetToken().Value] = v
	case *ast.AliasNode:
		if target := r.anchors[n.Value.GetToken().Value]; target != nil {
			return target
		}
	case *ast.TagNode:
		return r.read(n.Value, depth+1)
	case *ast.LiteralNode:
		v.text = n.Value.Value
		v.line++ // where its text begins
	case *ast.SequenceNode:
		for _, item := range n.Values {
			v.list = append(v.list, r.read(item, depth+1))
		}
	case *ast.MappingNode:
		for _, pair := range n.Values {
			r.pair(v, pair, depth)
		}
	case *ast.MappingValueNode:
		r.pair(v, n, depth)
	case *ast.NullNode:
	case *ast.StringNode:
		v.text = n.Value
	case ast.ScalarNode:
		v.text = n.GetToken().Value
	}
	return v
}

// pair adds a key to a mapping. A merge key adds those of another mapping that are not there yet.
func (r *yamlReader) pair(v *value, n *ast.MappingValueNode, depth int) {
	if v.fields == nil {
		v.fields = map[string]*value{}
		v.line = n.Key.GetToken().Position.Line
	}
	item := r.read(n.Value, depth+1)
	if n.Key.IsMergeKey() {
		for _, from := range append([]*value{item}, item.list...) {
			for _, k := range from.keys {
				if v.fields[k] == nil {
					v.set(k, from.fields[k])
				}
			}
		}
		return
	}
	key := n.Key.GetToken().Value
	if s, ok := n.Key.(*ast.StringNode); ok {
		key = s.Value
	}
	v.set(key, item)
}

func (v *value) set(key string, item *value) {
	if !slices.Contains(v.keys, key) {
		v.keys = append(v.keys, key)
	}
	v.fields[key] = item
}
