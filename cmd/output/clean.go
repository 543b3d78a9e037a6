package output

import (
	"strings"
	"unicode"

	"dockerflow/generator/glyph"
)

// Harmless is glyph.Line for a text that stands alone in its line: it is no command to a CI runner either.
func Harmless(s string) string { return quietLines(glyph.Line(s)) }

// cleanLines is glyph.Line for a text of several lines. Its line breaks and tabs stay.
func cleanLines(s string) string {
	return eachPart(s, func(r rune) bool { return r == '\n' || r == '\t' }, glyph.Line)
}

// eachPart changes what stands between the characters that end a part.
func eachPart(s string, ends func(rune) bool, change func(string) string) string {
	var b strings.Builder
	for {
		i := strings.IndexFunc(s, ends)
		if i < 0 {
			return b.String() + change(s)
		}
		b.WriteString(change(s[:i]) + s[i:i+1])
		s = s[i+1:]
	}
}

// quietLines breaks what a CI runner would run as a command, in a text of clean lines. GitHub's runner takes a line that
// starts with "::", after any space, and "##[" anywhere in it; Azure's takes "##vso[", TeamCity's "##teamcity[".
func quietLines(s string) string {
	return eachPart(s, func(r rune) bool { return r == '\n' }, func(line string) string {
		start := strings.TrimLeftFunc(line, func(r rune) bool { return unicode.IsSpace(r) || unseen(r) })
		if colon, ok := strings.CutPrefix(start, ":"); ok && strings.HasPrefix(strings.TrimLeftFunc(colon, unseen), ":") {
			line = line[:len(line)-len(start)] + `\` + start
		}
		return breakBrackets(line, `\[`)
	})
}

// breakBrackets writes the bracket of "##[" and of "##word[" in another way.
func breakBrackets(s, bracket string) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '[')
		if i < 0 {
			return b.String() + s
		}
		word := strings.TrimRightFunc(s[:i], func(r rune) bool { return unicode.IsLetter(r) || unseen(r) })
		hash, ok := strings.CutSuffix(word, "#")
		if ok && strings.HasSuffix(strings.TrimRightFunc(hash, unseen), "#") {
			b.WriteString(s[:i] + bracket)
		} else {
			b.WriteString(s[:i+1])
		}
		s = s[i+1:]
	}
}

// unseen finds what runners skip when they compare texts by the rules of a language: marks and joiners.
func unseen(r rune) bool { return r == '\u200d' || unicode.Is(unicode.M, r) }

// commands reports whether a runner would find a command in a text as it is. It does not see control characters, and a
// carriage return ends its line.
func commands(s string) bool {
	seen := strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r != '\n' && !unicode.IsSpace(r) && unicode.Is(unicode.C, r):
			return -1
		}
		return r
	}, s)
	return quietLines(seen) != seen
}
