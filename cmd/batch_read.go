package cmd

import (
	"bytes"
	"errors"
	"fmt"

	"go.yaml.in/yaml/v4"

	"dockerflow/generator/yamlnode"
)

// What a file of rows may have at most. A row is parsed when it is its turn: as YAML's nodes, all would be many times the
// size of the text.
const (
	maxBatch = 64 << 20 // bytes
	maxRows  = 100_000
	maxRow   = 64 << 10 // bytes
	maxFlow  = 4 << 20  // bytes of a list in brackets, which has to be parsed as a whole

	maxInRows = 500_000 // keys and values of such a list
)

// row is one service of a batch: a text, or what was parsed.
type row struct {
	number       int // from 1
	line, column int
	text         []byte // from the begin of its first line on
	isJSON       bool
	node         *yaml.Node
}

const wantRows = "want a YAML list of rows, or one JSON object per line"

// readRows tells the rows of a text apart. What is wrong with one of them, pairs says.
func readRows(data []byte) ([]row, error) {
	if !yamlnode.Says(data) {
		return nil, errors.New("1:1: no rows found: " + wantRows)
	}
	var rows []row
	var err error
	if bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte("{")) {
		rows = jsonRows(data)
	} else if rows, err = blockRows(data); rows == nil && err == nil {
		rows, err = flowRows(data)
	}
	if len(rows) > maxRows {
		return nil, fmt.Errorf("%d:%d: want at most %d rows", rows[maxRows].line, rows[maxRows].column, maxRows)
	}
	return rows, err
}

func jsonRows(data []byte) (rows []row) {
	number := 0
	for line := range bytes.Lines(data) {
		number++
		line = bytes.TrimRight(line, "\r\n")
		if text := bytes.TrimLeft(line, " \t"); len(text) > 0 && len(rows) <= maxRows {
			rows = append(rows, row{len(rows) + 1, number, len(line) - len(text) + 1, line, true, nil})
		}
	}
	return rows
}

// blockRows tells apart the items of a list that has each on a line of its own: no other line begins with a dash in that
// column. It returns none for any other text.
func blockRows(data []byte) (rows []row, err error) {
	indent, number, begin, offset, ended := 0, 0, 0, 0, 0
	for line := range bytes.Lines(data) {
		number++
		text := bytes.TrimRight(line, "\r\n")
		blanks := len(text) - len(bytes.TrimLeft(text, " "))
		dash := bytes.HasPrefix(text[blanks:], []byte("- ")) || string(text[blanks:]) == "-"
		marks := documentMark(text)
		quiet := !yamlnode.Says(text) || marks
		switch {
		case rows == nil && quiet:
		case rows == nil && !dash:
			return nil, nil
		case ended > 0 && !quiet:
			return nil, fmt.Errorf("%d:1: %s: another document begins", ended, wantRows)
		case marks:
			ended = number
		case dash && (rows == nil || blanks == indent) && len(rows) <= maxRows:
			if indent = blanks; rows != nil {
				rows[len(rows)-1].text = data[begin:offset]
			}
			rows, begin = append(rows, row{len(rows) + 1, number, blanks + 3, nil, false, nil}), offset
		}
		if offset += len(line); rows != nil && ended == 0 {
			rows[len(rows)-1].text = data[begin:offset]
		}
	}
	return rows, nil
}

// documentMark tells a line that begins or ends a document, and says nothing else.
func documentMark(line []byte) bool {
	rest, begins := bytes.CutPrefix(line, []byte("---"))
	if !begins {
		rest, begins = bytes.CutPrefix(line, []byte("..."))
	}
	return begins && !yamlnode.Says(rest) && (len(rest) == 0 || rest[0] == ' ' || rest[0] == '\t')
}

// flowRows reads a list in brackets.
func flowRows(data []byte) ([]row, error) {
	if len(data) > maxFlow {
		return nil, fmt.Errorf("1:1: want at most %d bytes, or each row on its own line", maxFlow)
	}
	list, err := yamlList(data)
	if err != nil {
		return nil, err
	}
	rows := []row{}
	for _, n := range list {
		rows = append(rows, row{len(rows) + 1, n.Line, n.Column, nil, false, n})
	}
	return rows, nil
}

func yamlList(data []byte) ([]*yaml.Node, error) {
	doc, err := yamlnode.Read(data, yamlnode.Options{Nodes: maxInRows, Want: wantRows})
	if err != nil {
		return nil, err
	}
	if doc.Content[0].Kind != yaml.SequenceNode {
		return nil, yamlnode.At(doc, wantRows)
	}
	return doc.Content[0].Content, nil
}

// pairs are a row's keys and values, one after the other.
func (r row) pairs() ([]*yaml.Node, error) {
	n := r.node
	switch {
	case len(r.text) > maxRow:
		return nil, fmt.Errorf("%d:%d: want at most %d bytes per row", r.line, r.column, maxRow)
	case r.isJSON:
		return jsonPairs(r.text, r.line)
	case n == nil:
		list, err := yamlList(r.text)
		if err != nil {
			return nil, below(r.line-1, err)
		}
		n = list[0]
		yamlnode.Move(n, r.line-1)
	}
	if n.Kind != yaml.MappingNode {
		return nil, yamlnode.At(n, "want question: answer pairs, one per line")
	}
	return n.Content, nil
}

// jsonPairs reads a row that is an object on a line.
func jsonPairs(object []byte, line int) ([]*yaml.Node, error) {
	if text := bytes.TrimLeft(object, " \t"); text[0] != '{' {
		return nil, &yamlnode.Error{Line: line, Column: 1 + len(object) - len(text), Err: errors.New(wantRows)}
	}
	n, err := yamlnode.ReadJSON(object, line)
	switch {
	case errors.Is(err, yamlnode.ErrNotClosed):
		return nil, fmt.Errorf("%w: %s", err, wantRows)
	case err != nil:
		return nil, err
	}
	return n.Content, nil
}

// below adds to the line of an error.
func below(lines int, err error) error {
	var located *yamlnode.Error
	if errors.As(err, &located) {
		located.Line += lines
	}
	return err
}
