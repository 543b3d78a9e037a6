// Package glyph knows which characters are visible, and escapes those that are not.
package glyph

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Two invisible characters are allowed in texts: they join emoji and select their colour.
const (
	joiner  = '\u200d'
	variant = '\ufe0f'
)

// blank are characters that Unicode classifies as visible and does not call ignorable, but that show nothing.
var blank = &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0x2800, Hi: 0x2800, Stride: 1}},
	R32: []unicode.Range32{{Lo: 0x13441, Hi: 0x13442, Stride: 1}, {Lo: 0x1d159, Hi: 0x1d159, Stride: 1}},
}

// Shows reports whether r is visible in any position. Control and format characters are not, nor are line separators
// and characters without a glyph, such as U+3164. Spaces of any width are visible.
func Shows(r rune) bool {
	if r < unicode.MaxASCII {
		return r >= ' '
	}
	return unicode.IsGraphic(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, blank)
}

// Hidden returns the first invisible character of a text. A part of an emoji counts as invisible if it is outside an
// emoji. The flags of England, Scotland and Wales contain invisible letters, and count as hidden.
func Hidden(s string) (rune, bool) {
	for before := rune(0); len(s) > 0; {
		r, size := utf8.DecodeRuneInString(s)
		if s = s[size:]; !seen(before, r, s) {
			return r, true
		}
		before = r
	}
	return 0, false
}

// seen reports whether r is visible between the characters before and after it.
func seen(before, r rune, after string) bool {
	switch r {
	case variant:
		return pictograph(before) || strings.ContainsRune("0123456789#*\u203c\u2049\u3030\u2139", before)
	case joiner:
		next, _ := utf8.DecodeRuneInString(after)
		return (pictograph(before) || before == variant) && pictograph(next)
	}
	return Shows(r)
}

// pictograph reports whether r can be part of an emoji. Skin tones are modifiers; two of the arrows are mathematical
// symbols.
func pictograph(r rune) bool {
	return r != utf8.RuneError && unicode.In(r, unicode.So, unicode.Sm) || r >= 0x1f3fb && r <= 0x1f3ff
}

// Line returns a text from outside the program as one safe line. Characters that would move the cursor, change
// colours, hide or reorder text, or end the line are written as escapes such as \x1b.
func Line(s string) string {
	if utf8.ValidString(s) {
		if _, hidden := Hidden(s); !hidden {
			return s
		}
	}
	var b strings.Builder
	for before := rune(0); len(s) > 0; {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
			r = 0
		case seen(before, r, s[size:]):
			b.WriteRune(r)
		default:
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
			r = 0
		}
		before, s = r, s[size:]
	}
	return b.String()
}
