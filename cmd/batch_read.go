package cmd

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"dockerflow/generator"
)

// What a file of rows may have at most.
const (
	maxBatch = 64 << 20 // bytes
	maxRows  = 100_000
	maxLine  = 64 << 10 // bytes of a row as JSON
)

// row is one service of a batch.
type row struct {
	number       int // from 1
	line, column int
	object       []byte     // a line of JSON, or
	node         *yaml.Node // an item of YAML's
}

const wantRows = "want a YAML list of rows, or a JSON object a line"

// readRows tells the rows of a text apart. What is wrong with one of them, pairs says.
func readRows(data []byte) ([]row, error) {
	rows, err := jsonRows(data), error(nil)
	if rows == nil {
		rows, err = yamlRows(data)
	}
	if len(rows) > maxRows {
		return nil, fmt.Errorf("%d:%d: want at most %d rows", rows[maxRows].line, rows[maxRows].column, maxRows)
	}
	return rows, err
}

// jsonRows are the lines of a text that begins as an object does.
func jsonRows(data []byte) (rows []row) {
	if !bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) {
		return nil
	}
	for line := 1; len(data) > 0 && len(rows) <= maxRows; line++ {
		var object []byte
		object, data, _ = bytes.Cut(data, []byte("\n"))
		blank := len(object) - len(bytes.TrimLeft(object, " \t\r"))
		if blank < len(object) {
			rows = append(rows, row{len(rows) + 1, line, blank + 1, object, nil})
		}
	}
	return rows
}

func yamlRows(data []byte) ([]row, error) {
	if !says(data) {
		return nil, errors.New("1:1: there are no rows: " + wantRows)
	}
	var doc yaml.Node
	if err := yaml.Load(data, &doc); err != nil {
		return nil, generator.SyntaxError(err, wantRows)
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.SequenceNode {
		return nil, at(&doc, wantRows)
	}
	var rows []row
	for _, n := range doc.Content[0].Content {
		rows = append(rows, row{len(rows) + 1, n.Line, n.Column, nil, n})
	}
	return rows, nil
}

// pairs are a row's keys and values, one after the other.
func (r row) pairs() ([]*yaml.Node, error) {
	switch {
	case r.object != nil:
		return jsonPairs(r.object, r.line)
	case r.node.Kind != yaml.MappingNode:
		return nil, at(r.node, "want question: answer, a line each")
	}
	return r.node.Content, nil
}

// jsonPairs reads an object as YAML's nodes: they keep what was written, and where.
func jsonPairs(object []byte, line int) ([]*yaml.Node, error) {
	p := &jsonReader{object, line, json.NewDecoder(bytes.NewReader(object))}
	p.UseNumber()
	if len(object) > maxLine {
		return nil, p.error(0, "want at most %d bytes in a line of JSON", maxLine)
	}
	if t, at, err := p.next(); err != nil || t != json.Delim('{') {
		return nil, p.wrong(err, at)
	}
	var pairs []*yaml.Node
	for p.More() {
		for range 2 {
			token, at, err := p.next()
			if err != nil {
				return nil, p.wrong(err, at)
			}
			n := p.node(token, at)
			pairs = append(pairs, n)
			if n.Kind == yaml.ScalarNode {
				continue
			}
			if err := p.skip(); err != nil { // a list or an object is no answer
				return nil, err
			}
		}
	}
	if _, at, err := p.next(); err != nil { // the closing brace
		return nil, p.wrong(err, at)
	}
	if _, at, err := p.next(); !errors.Is(err, io.EOF) {
		return nil, p.wrong(nil, at)
	}
	return pairs, nil
}

// jsonReader knows where its tokens are.
type jsonReader struct {
	object []byte
	line   int
	*json.Decoder
}

// next returns a token and the offset that it begins at.
func (p *jsonReader) next() (json.Token, int, error) {
	at := int(p.InputOffset())
	for at < len(p.object) && strings.IndexByte(" \t\r\n,:", p.object[at]) >= 0 {
		at++
	}
	token, err := p.Token()
	return token, at, err
}

// skip reads to the end of a list or an object that was begun.
func (p *jsonReader) skip() error {
	for depth := 1; depth > 0; {
		token, at, err := p.next()
		if err != nil {
			return p.wrong(err, at)
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return nil
}

func (p *jsonReader) node(token json.Token, at int) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Line: p.line, Column: p.column(at)}
	switch t := token.(type) {
	case string:
		n.Tag, n.Value = "!!str", t
		if strings.ContainsRune(t, utf8.RuneError) {
			n.Tag = "!!binary" // half of a character: \ud800
		}
	case json.Number:
		n.Tag, n.Value = "!!int", t.String()
		if strings.ContainsAny(n.Value, ".eE") {
			n.Tag = "!!float"
		}
	case bool:
		n.Tag, n.Value = "!!bool", fmt.Sprint(t)
	case nil:
		n.Tag = "!!null"
	default:
		n.Kind = yaml.MappingNode
	}
	return n
}

func (p *jsonReader) column(at int) int { return utf8.RuneCount(p.object[:at]) + 1 }

func (p *jsonReader) wrong(err error, at int) error {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return p.error(len(p.object), "the object is not closed: %s", wantRows)
	case errors.As(err, &syntax):
		return p.error(max(int(syntax.Offset)-1, at), "%s", syntax.Error())
	case err != nil:
		return p.error(at, "%s", err)
	}
	return p.error(at, "%s", wantRows)
}

func (p *jsonReader) error(at int, format string, args ...any) error {
	return fmt.Errorf("%d:%d: %s", p.line, p.column(min(at, len(p.object))), fmt.Sprintf(format, args...))
}
