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
)

// jsonPairs reads an object as YAML's nodes: they keep what was written, and where.
func jsonPairs(object []byte, line int) ([]*yaml.Node, error) {
	p := &jsonReader{object, line, json.NewDecoder(bytes.NewReader(object))}
	p.UseNumber()
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
