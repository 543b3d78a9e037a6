package cmd

import (
	"bytes"
	"errors"
	"fmt"

	"go.yaml.in/yaml/v4"

	"dockerflow/generator/yamlnode"
)

// Limits of a file of rows. Rows are parsed one at a time, because the YAML nodes of all rows would need many times the
// memory of the text.
const (
	maxBatch = 64 << 20 // bytes
	maxRows  = 100_000
	maxRow   = 64 << 10 // bytes
	maxFlow  = 4 << 20  // bytes of a flow list, which must be parsed as a whole

	maxInRows = 500_000 // YAML nodes of a flow list
)

// row is one row of a batch, as text or as a parsed node.
type row struct {
	number       int // from 1
	line, column int
	text         []byte // from the start of its first line
	isJSON       bool
	node         *yaml.Node
}

const wantRows = "want a YAML list of rows, or one JSON object per line"

// readRows splits a text into rows. It does not validate them: pairs does.
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

// blockRows splits a YAML block list into its items: an item begins at each line with a dash in the list's column. It
// returns nil for any other text.
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

// documentMark reports whether a line is a YAML document marker, --- or ..., without content.
func documentMark(line []byte) bool {
	rest, begins := bytes.CutPrefix(line, []byte("---"))
	if !begins {
		rest, begins = bytes.CutPrefix(line, []byte("..."))
	}
	return begins && !yamlnode.Says(rest) && (len(rest) == 0 || rest[0] == ' ' || rest[0] == '\t')
}

// flowRows reads a YAML flow list: one in brackets.
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

// pairs returns a row's keys and values, alternating.
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

// jsonPairs returns the keys and values of a JSON object on one line.
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

// below adds lines to the position of an error.
func below(lines int, err error) error {
	var located *yamlnode.Error
	if errors.As(err, &located) {
		located.Line += lines
	}
	return err
}
