// Package glyph knows which characters show as what they are, and writes out those that do not.
package glyph

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Two characters are invisible, and yet belong to what people write: they join and colour emoji.
const (
	joiner  = '\u200d'
	variant = '\ufe0f'
)

// blank are characters that count as letters or symbols and show nothing, and that Unicode does not call ignorable.
var blank = &unicode.RangeTable{
	R16: []unicode.Range16{{Lo: 0x2800, Hi: 0x2800, Stride: 1}},
	R32: []unicode.Range32{{Lo: 0x13441, Hi: 0x13442, Stride: 1}, {Lo: 0x1d159, Hi: 0x1d159, Stride: 1}},
}

// Shows reports whether r shows as what it is wherever it stands. Control and format characters do not, nor do line
// separators and what no font shows, such as U+3164. Spaces of any width are text.
func Shows(r rune) bool {
	if r < unicode.MaxASCII {
		return r >= ' '
	}
	return unicode.IsGraphic(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, blank)
}

// Hidden returns the first character of a text that cannot be seen: one that shows nowhere, or a part of an emoji that
// is outside one. The flags of England, Scotland and Wales consist of invisible letters, and count as hidden.
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

// seen reports whether r can be seen between what is before and after it.
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

// pictograph reports whether emoji can consist of r. The tones of skin are modifiers, two arrows are mathematics.
func pictograph(r rune) bool {
	return r != utf8.RuneError && unicode.In(r, unicode.So, unicode.Sm) || r >= 0x1f3fb && r <= 0x1f3ff
}

// Line makes one line of a text from outside the program: what would move the cursor, colour, hide, reorder or end the
// line is written as an escape such as \x1b.
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
