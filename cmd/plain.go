package cmd

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain is a text of somebody else's for one line of a terminal: what would move the cursor, colour, hide or turn
// around what stands beside it is written out.
func plain(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }) < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
		s = s[size:]
	}
	return b.String()
}

// plainLines is plain for a text of several lines. What joins emoji stays.
func plainLines(s string) string {
	var b strings.Builder
	for {
		i := strings.IndexAny(s, "\n\t\u200d")
		if i < 0 {
			return b.String() + plain(s)
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		b.WriteString(plain(s[:i]) + s[i:i+size])
		s = s[i+size:]
	}
}

// printable escapes in JSON, where encoding/json does not, what a terminal may act on. The values stay the same.
func printable(data []byte) []byte {
	out := make([]byte, 0, len(data))
	for _, r := range string(data) {
		switch {
		case r == '\n' || unicode.IsPrint(r):
			out = utf8.AppendRune(out, r)
		case r > 0xFFFF:
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xD800+r>>10, 0xDC00+r&0x3FF)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}
