package output

import (
	"strings"
	"unicode"

	"dockerflow/generator/glyph"
)

// Harmless is glyph.Line for a text that starts a line. It also escapes the commands of CI runners.
func Harmless(s string) string { return quietLines(glyph.Line(s)) }

// cleanLines is glyph.Line for a text of several lines. It keeps line breaks and tabs.
func cleanLines(s string) string {
	return eachPart(s, func(r rune) bool { return r == '\n' || r == '\t' }, glyph.Line)
}

// eachPart applies change to each part of s between characters that satisfy ends.
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

// quietLines escapes the commands of CI runners in a text of clean lines. GitHub's runner reads a command in a line that
// starts with "::", after optional spaces, or that contains "##["; Azure's looks for "##vso[", TeamCity's for "##teamcity[".
func quietLines(s string) string {
	return eachPart(s, func(r rune) bool { return r == '\n' }, func(line string) string {
		start := strings.TrimLeftFunc(line, func(r rune) bool { return unicode.IsSpace(r) || unseen(r) })
		if colon, ok := strings.CutPrefix(start, ":"); ok && strings.HasPrefix(strings.TrimLeftFunc(colon, unseen), ":") {
			line = line[:len(line)-len(start)] + `\` + start
		}
		return breakBrackets(line, `\[`)
	})
}

// breakBrackets replaces the bracket in "##[" and in "##word[".
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

// unseen reports whether r is a mark or a joiner, which runners skip in culture-sensitive comparisons.
func unseen(r rune) bool { return r == '\u200d' || unicode.Is(unicode.M, r) }

// commands reports whether a runner would find a command in the raw text. Runners skip control characters, and a carriage
// return ends a line for them.
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
