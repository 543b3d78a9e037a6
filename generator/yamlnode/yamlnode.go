// Package yamlnode reads untrusted YAML at a cost that its length limits, and walks the nodes with their positions.
//
// It returns nodes, not Go values. Nodes keep the position and the text as it was written, so that 3.10 stays 3.10.
// The loader's check for duplicate keys takes quadratic time, so it is off: EachPair checks for duplicates.
package yamlnode

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"dockerflow/generator/budget"
)

// Options are the limits and requirements for a text. A zero limit means the default below.
type Options struct {
	Nodes   int            // keys and values, including those that aliases add
	Depth   int            // nesting of lists and mappings, including through aliases
	First   bool           // read the first of several documents; otherwise there must be exactly one
	NoAlias bool           // refuse aliases
	Want    string         // the error for a text that is empty or has several documents
	Budget  *budget.Budget // counts a step for each possible node
}

// The default limits. A node takes half a kilobyte of memory.
const (
	maxNodes = 200_000
	maxDepth = 50
)

// ErrEmpty is returned for a text without a document.
var ErrEmpty = errors.New("the file is empty")

// errSeveral is returned for a text with more than one document.
var errSeveral = errors.New("want one document, but another one begins here")

// Error is an error at a position in a text.
type Error struct {
	Line, Column int // the first is 1
	Err          error
}

func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %v", e.Line, e.Column, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// At returns an *Error at the position of n.
func At(n *yaml.Node, format string, args ...any) error {
	return &Error{max(n.Line, 1), max(n.Column, 1), fmt.Errorf(format, args...)}
}

// Read returns the document node of a text, which has one child. JSON is read as JSON. Each error is an *Error.
func Read(data []byte, o Options) (*yaml.Node, error) {
	if o.Nodes == 0 {
		o.Nodes = maxNodes
	}
	if o.Depth == 0 {
		o.Depth = maxDepth
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	signs := signs(data)
	o.Budget.Steps(signs)
	switch {
	case !utf8.Valid(data): // this refuses UTF-16, too
		return nil, &Error{lineOfInvalid(data), 1, errors.New("want UTF-8 text")}
	case signs > max(o.Nodes, maxNodes):
		return nil, &Error{1, 1, o.tooMany()}
	}
	doc, err := o.load(data)
	if err != nil {
		return nil, o.located(err)
	}
	if _, err := (measure{o, map[*yaml.Node]extent{}}).node(doc, 0); err != nil {
		return nil, err
	}
	return doc, nil
}

// load parses a text after its cost was checked.
func (o Options) load(data []byte) (*yaml.Node, error) {
	if text := bytes.TrimLeft(data, " \t\r\n"); len(text) > 0 && (text[0] == '{' || text[0] == '[') && json.Valid(data) {
		top, err := ReadJSON(data, 1)
		return &yaml.Node{Kind: yaml.DocumentNode, Line: 1, Column: 1, Content: []*yaml.Node{top}}, err
	}
	if line := tagDirective(data); line > 0 {
		return nil, &Error{line, 1, errors.New("want no %TAG directive")}
	}
	loader, err := yaml.NewLoader(bytes.NewReader(data), yaml.WithUniqueKeys(false))
	if err != nil {
		return nil, err
	}
	doc, next := &yaml.Node{}, &yaml.Node{}
	if err := loader.Load(doc); errors.Is(err, io.EOF) || err == nil && len(doc.Content) == 0 {
		return nil, ErrEmpty
	} else if err != nil || o.First {
		return doc, err
	}
	if err := loader.Load(next); err == nil {
		return nil, At(next, "%w", errSeveral)
	} else if !errors.Is(err, io.EOF) {
		return nil, err
	}
	return doc, nil
}

// located converts an error of the loader to an *Error.
func (o Options) located(err error) error {
	var known *Error
	var loading *yaml.LoadError
	switch {
	case errors.As(err, &known):
	case errors.As(err, &loading):
		known = &Error{max(loading.Mark.Line, 1), max(loading.Mark.Column, 1), errors.New(loading.Message)}
	default:
		text, _, _ := strings.Cut(err.Error(), "\n")
		known = &Error{1, 1, errors.New(text)}
		if errors.Is(err, ErrEmpty) {
			known.Err = ErrEmpty
		}
	}
	if o.Want != "" && (errors.Is(known.Err, ErrEmpty) || errors.Is(known.Err, errSeveral)) {
		known.Err = &wanted{o.Want, known.Err}
	}
	return known
}

// wanted replaces the text of another error.
type wanted struct {
	want string
	err  error
}

func (w *wanted) Error() string { return w.want }

func (w *wanted) Unwrap() error { return w.err }

func (o Options) tooMany() error { return &SizeError{o.Nodes} }

// SizeError is returned for a text with more keys and values than Nodes.
type SizeError struct{ Nodes int }

func (e *SizeError) Error() string { return fmt.Sprintf("want at most %d keys and values", e.Nodes) }

// signs returns an upper limit of the nodes in a text. Each node needs a sign: a comma, a colon, a bracket, or a dash
// or question mark followed by a blank. Signs inside strings count, too: only a parser can tell them apart.
func signs(data []byte) int {
	n := 2
	for i, c := range data {
		switch c {
		case ',', ':', '{':
			n += 2
		case '[':
			n++
		case '-', '?':
			if i+1 == len(data) || data[i+1] <= ' ' || data[i+1] >= utf8.RuneSelf || bytes.IndexByte([]byte("[]{},#"), data[i+1]) >= 0 {
				n += 2
			}
		}
	}
	return n
}

// tagDirective returns the line of the first %TAG directive, or 0. The parser compares each of them with all others.
func tagDirective(data []byte) int {
	for at := 0; ; {
		i := bytes.Index(data[at:], []byte("%TAG"))
		if i < 0 {
			return 0
		}
		at += i
		if last, _ := utf8.DecodeLastRune(data[:at]); at == 0 || strings.ContainsRune("\r\n\u0085\u2028\u2029\ufeff", last) {
			return bytes.Count(data[:at], []byte("\n")) + 1
		}
		at++
	}
}

// lineOfInvalid returns the number of the first line that is not valid UTF-8.
func lineOfInvalid(data []byte) int {
	line := 1
	for text := range bytes.Lines(data) {
		if !utf8.Valid(text) {
			break
		}
		line++
	}
	return line
}

// measure computes the size of a tree with its aliases followed.
type measure struct {
	options Options
	known   map[*yaml.Node]extent // of nodes with an anchor
}

// extent is the number of nodes and of levels.
type extent struct{ nodes, depth int }

func (m measure) node(n *yaml.Node, depth int) (extent, error) {
	if e, ok := m.known[n]; ok {
		return e, m.check(n, e, depth)
	}
	if depth > m.options.Depth {
		return extent{}, At(n, "want at most %d levels", m.options.Depth)
	}
	if n.Anchor != "" { // until a node is measured, an alias to it is a cycle
		m.known[n] = extent{depth: m.options.Depth + 1}
	}
	e := extent{nodes: 1}
	children := n.Content
	if n.Kind == yaml.AliasNode {
		if m.options.NoAlias {
			return e, At(n, "want no alias: write the value out")
		}
		children = []*yaml.Node{n.Alias}
	}
	for _, child := range children {
		below, err := m.node(child, depth+1)
		if err != nil {
			return e, err
		}
		e.nodes, e.depth = e.nodes+below.nodes, max(e.depth, below.depth+1)
		if err := m.check(n, e, depth); err != nil {
			return e, err
		}
	}
	if n.Anchor != "" {
		m.known[n] = e
	}
	return e, nil
}

func (m measure) check(n *yaml.Node, e extent, depth int) error {
	switch {
	case e.nodes > m.options.Nodes:
		return At(n, "%w", m.options.tooMany())
	case depth+e.depth > m.options.Depth:
		return At(n, "want at most %d levels", m.options.Depth)
	}
	return nil
}

// Says reports whether a YAML text is more than space and comments: without a document there is nothing to be read.
func Says(data []byte) bool {
	for line := range bytes.Lines(data) {
		if line = bytes.TrimSpace(line); len(line) > 0 && line[0] != '#' {
			return true
		}
	}
	return false
}
