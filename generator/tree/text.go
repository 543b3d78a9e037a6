package tree

import (
	"bytes"
	"strconv"

	"dockerflow/generator/glyph"
)

// Chomp removes the carriage return of a line that ended in a line feed.
func Chomp(text []byte, ended bool) []byte {
	if ended {
		text = bytes.TrimSuffix(text, []byte("\r"))
	}
	return text
}

// LineEnd returns the line ending of data, or "" if the lines have different endings.
func LineEnd(data []byte) string {
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

// WithEnd returns a line with another line ending. A line without an ending is returned unchanged.
func WithEnd(line []byte, end string) []byte {
	text, ended := bytes.CutSuffix(line, []byte("\n"))
	if !ended || end == "" {
		return line
	}
	return append(bytes.Clone(Chomp(text, true)), end...)
}

// IsText reports whether data can be merged by lines.
func IsText(data []byte) bool { return bytes.IndexByte(data, 0) < 0 }

// SameText reports whether two contents are equal, ignoring line endings.
func SameText(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	if !IsText(a) || !IsText(b) {
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

// ToUnix replaces each \r\n with \n.
func ToUnix(data []byte) []byte { return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")) }

// Shorten returns s on one line and at a length that fits an error message.
func Shorten(s string) string {
	if r := []rune(s); len(r) > 60 {
		s = string(r[:60]) + "…"
	}
	return glyph.Line(strconv.Quote(s))
}
