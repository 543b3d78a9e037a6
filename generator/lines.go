package generator

import "bytes"

// lines is a text by lines, each with its end.
type lines struct {
	text [][]byte
	keys []int // equal for lines that differ at most in their line end, \n or \r\n
	end  string
}

// lineKeys numbers lines. What has no end is another line than what has one.
type lineKeys map[string]int

func (known lineKeys) split(data []byte) lines {
	n := bytes.Count(data, []byte("\n")) + 1
	l := lines{text: make([][]byte, 0, n), keys: make([]int, 0, n), end: lineEnd(data)}
	for len(data) > 0 {
		cut := bytes.IndexByte(data, '\n') + 1
		if cut == 0 {
			cut = len(data)
		}
		line := data[:cut]
		text, ended := bytes.CutSuffix(line, []byte("\n"))
		key, ok := known[string(chomp(text, ended))]
		if !ok {
			key = len(known)
			known[string(chomp(text, ended))] = key
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

func chomp(text []byte, ended bool) []byte {
	if ended {
		text = bytes.TrimSuffix(text, []byte("\r"))
	}
	return text
}

// lineEnd is how the lines of data end, or "" if they do not all end alike.
func lineEnd(data []byte) string {
	all, dos := bytes.Count(data, []byte("\n")), bytes.Count(data, []byte("\r\n"))
	switch {
	case all == 0:
		return ""
	case dos == 0:
		return "\n"
	case dos == all:
		return "\r\n"
	}
	return ""
}

// withEnd is a line with another end, if it has one.
func withEnd(line []byte, end string) []byte {
	text, ended := bytes.CutSuffix(line, []byte("\n"))
	if !ended || end == "" {
		return line
	}
	return append(bytes.Clone(chomp(text, true)), end...)
}

// isText tells what can be merged by lines.
func isText(data []byte) bool { return bytes.IndexByte(data, 0) < 0 }

// maxLines bounds what is merged by lines: each takes some fifty bytes, on each side.
const maxLines = 200_000

func tooLong(text []byte) bool { return bytes.Count(text, []byte("\n")) > maxLines }

// sameText tells whether two contents are equal but for the ends of their lines.
func sameText(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	if !isText(a) || !isText(b) {
		return false
	}
	for len(a) > 0 && len(b) > 0 {
		a, b = atNewline(a), atNewline(b)
		if a[0] != b[0] {
			return false
		}
		a, b = a[1:], b[1:]
	}
	return len(a) == len(b)
}

func atNewline(s []byte) []byte {
	if len(s) > 1 && s[0] == '\r' && s[1] == '\n' {
		return s[1:]
	}
	return s
}

func toUnix(data []byte) []byte { return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")) }
