package yamlnode

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// ErrNotClosed is returned for a JSON text that ends inside a value.
var ErrNotClosed = errors.New("unexpected end of JSON: a value is not closed")

// ReadJSON reads one JSON value as YAML nodes. A YAML parser does not combine two JSON escapes that form a surrogate
// pair. The text begins at the given line. Each error is an *Error.
func ReadJSON(data []byte, line int) (*yaml.Node, error) {
	r := &jsonReader{text: data, line: line, Decoder: json.NewDecoder(bytes.NewReader(data))}
	r.UseNumber()
	top, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if _, at, err := r.next(); !errors.Is(err, io.EOF) {
		return nil, r.wrong(at, errors.New("want nothing after the value"))
	}
	return top, nil
}

// jsonReader tracks the positions of its tokens.
type jsonReader struct {
	*json.Decoder
	text         []byte
	counted      int // offset of the known line and column
	line, column int
}

// next returns a token and its offset.
func (r *jsonReader) next() (json.Token, int, error) {
	at := int(r.InputOffset())
	for at < len(r.text) && strings.IndexByte(" \t\r\n,:", r.text[at]) >= 0 {
		at++
	}
	token, err := r.Token()
	return token, at, err
}

// value reads the next value. It returns nil at the end of a list or an object.
func (r *jsonReader) value(depth int) (*yaml.Node, error) {
	token, at, err := r.next()
	if err != nil {
		return nil, r.syntax(at, err)
	}
	n := r.node(token, at)
	if n.Kind == yaml.ScalarNode {
		return n, nil
	}
	if depth > maxDepth {
		return nil, r.wrong(at, fmt.Errorf("want at most %d levels", maxDepth))
	}
	for r.More() {
		child, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, child)
	}
	if _, at, err := r.next(); err != nil { // the closing bracket
		return nil, r.syntax(at, err)
	}
	return n, nil
}

func (r *jsonReader) node(token json.Token, at int) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode}
	n.Line, n.Column = r.place(at)
	switch t := token.(type) {
	case string:
		n.Tag, n.Value, n.Style = "!!str", t, yaml.DoubleQuotedStyle
		if strings.Count(t, "\ufffd") > replacements(r.text[at:r.InputOffset()]) {
			n.Tag = "!!binary" // half of a surrogate pair, such as \ud800 alone
		}
	case json.Number:
		n.Tag, n.Value = "!!int", t.String()
		if strings.ContainsAny(n.Value, ".eE") {
			n.Tag = "!!float"
		}
	case bool:
		n.Tag, n.Value = "!!bool", fmt.Sprint(t)
	case nil:
		n.Tag, n.Value = "!!null", "null"
	case json.Delim:
		n.Kind, n.Tag, n.Style = yaml.MappingNode, "!!map", yaml.FlowStyle
		if t == '[' {
			n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
		}
	}
	return n
}

var replacement = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)\\ufffd|\x{fffd}`) })

// replacements counts the replacement characters that are in the text itself, and not inserted by the decoder.
func replacements(text []byte) int {
	return len(replacement().FindAllIndex(bytes.ReplaceAll(text, []byte(`\\`), nil), -1))
}

// place returns the line and column of an offset. Offsets only grow, so each byte is counted once.
func (r *jsonReader) place(at int) (line, column int) {
	passed := r.text[r.counted:at]
	if i := bytes.LastIndexByte(passed, '\n'); i >= 0 {
		r.line, r.column = r.line+bytes.Count(passed, []byte("\n")), 0
		passed = passed[i+1:]
	}
	r.column += utf8.RuneCount(passed)
	r.counted = at
	return r.line, r.column + 1
}

func (r *jsonReader) syntax(at int, err error) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return r.wrong(len(r.text), ErrNotClosed)
	case errors.As(err, &syntax):
		return r.wrong(max(int(syntax.Offset)-1, at), errors.New(syntax.Error()))
	}
	return r.wrong(at, err)
}

func (r *jsonReader) wrong(at int, err error) error {
	line, column := r.place(min(max(at, r.counted), len(r.text)))
	return &Error{line, column, err}
}
