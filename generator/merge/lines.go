package merge

import (
	"bytes"

	"dockerflow/generator/tree"
)

// lines is a text split into lines, each with its ending.
type lines struct {
	text [][]byte
	keys []int // equal for lines that differ only in their ending, \n or \r\n
	end  string
}

// lineKeys assigns numbers to lines. A line without an ending differs from one with an ending.
type lineKeys map[string]int

func (known lineKeys) split(data []byte) lines {
	n := bytes.Count(data, []byte("\n")) + 1
	l := lines{text: make([][]byte, 0, n), keys: make([]int, 0, n), end: tree.LineEnd(data)}
	for len(data) > 0 {
		cut := bytes.IndexByte(data, '\n') + 1
		if cut == 0 {
			cut = len(data)
		}
		line := data[:cut]
		text, ended := bytes.CutSuffix(line, []byte("\n"))
		key, ok := known[string(tree.Chomp(text, ended))]
		if !ok {
			key = len(known)
			known[string(tree.Chomp(text, ended))] = key
		}
		key *= 2
		if ended {
			key++
		}
		l.text, l.keys = append(l.text, line), append(l.keys, key)
		data = data[cut:]
	}
	return l
}

// maxLines limits the texts that are merged by lines: each line takes some 50 bytes on each side.
const maxLines = 200_000

func tooLong(text []byte) bool { return bytes.Count(text, []byte("\n")) > maxLines }
