package cmd

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"dockerflow/generator"
)

// What a file of rows may have at most. A row is parsed when it is its turn: as YAML's nodes, all would be many times the
// size of the text.
const (
	maxBatch = 64 << 20 // bytes
	maxRows  = 100_000
	maxRow   = 64 << 10 // bytes
	maxFlow  = 4 << 20  // bytes of a list in brackets, which has to be parsed as a whole
)

// row is one service of a batch: a text, or what was parsed.
type row struct {
	number       int // from 1
	line, column int
	text         []byte // from the begin of its first line on
	isJSON       bool
	node         *yaml.Node
}

const wantRows = "want a YAML list of rows, or a JSON object a line"

// readRows tells the rows of a text apart. What is wrong with one of them, pairs says.
func readRows(data []byte) ([]row, error) {
	if !says(data) {
		return nil, errors.New("1:1: there are no rows: " + wantRows)
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
		quiet := !says(text) || marks
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
	return begins && !says(rest) && (len(rest) == 0 || rest[0] == ' ' || rest[0] == '\t')
}

// flowRows reads a list in brackets.
func flowRows(data []byte) ([]row, error) {
	if len(data) > maxFlow {
		return nil, fmt.Errorf("1:1: want at most %d bytes, or each row on a line of its own", maxFlow)
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
	var doc yaml.Node
	if err := yaml.Load(data, &doc); err != nil {
		return nil, generator.SyntaxError(err, wantRows)
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.SequenceNode {
		return nil, at(&doc, wantRows)
	}
	return doc.Content[0].Content, nil
}

// pairs are a row's keys and values, one after the other.
func (r row) pairs() ([]*yaml.Node, error) {
	n := r.node
	switch {
	case len(r.text) > maxRow:
		return nil, fmt.Errorf("%d:%d: want at most %d bytes in a row", r.line, r.column, maxRow)
	case r.isJSON:
		return jsonPairs(r.text, r.line)
	case n == nil:
		list, err := yamlList(r.text)
		if err != nil {
			return nil, below(r.line-1, err)
		}
		n = list[0]
		move(n, r.line-1)
	}
	if n.Kind != yaml.MappingNode {
		return nil, at(n, "want question: answer, a line each")
	}
	return n.Content, nil
}

// move adds to the lines of a node, and of all in it.
func move(n *yaml.Node, lines int) {
	n.Line += lines
	for _, c := range n.Content {
		move(c, lines)
	}
}

// below adds to the line that an error begins with.
func below(lines int, err error) error {
	line, says, _ := strings.Cut(err.Error(), ":")
	var number int
	if _, scan := fmt.Sscan(line, &number); scan != nil {
		return err
	}
	return fmt.Errorf("%d:%s", number+lines, says)
}
