package generator

import (
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

// unprintable finds what could hide in a line or end it: control characters, line separators, the bidirectional
// controls, and what no font shows, such as U+3164. It leaves what emoji consist of to concealed.
func unprintable(r rune) bool {
	if r < unicode.MaxASCII {
		return r < ' '
	}
	return r != joiner && r != variant &&
		(!unicode.IsGraphic(r) || unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, blank))
}

// concealed finds the first character of a text that cannot be seen: one that is unprintable anywhere, or a part of
// emoji that is in none. The flags of England, Scotland and Wales, which consist of invisible letters, are refused too.
func concealed(s string) (rune, bool) {
	last := rune(0)
	for i, r := range s {
		switch {
		case unprintable(r):
			return r, true
		case r == variant && !pictograph(last) && !strings.ContainsRune("0123456789#*\u203c\u2049\u3030\u2139", last):
			return r, true
		case r == joiner:
			next, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(joiner):])
			if !pictograph(last) && last != variant || !pictograph(next) {
				return r, true
			}
		}
		last = r
	}
	return 0, false
}

// pictograph reports whether emoji can consist of a character. The tones of skin are modifiers, two arrows mathematics.
func pictograph(r rune) bool {
	return r != utf8.RuneError && unicode.In(r, unicode.So, unicode.Sm) || r >= 0x1f3fb && r <= 0x1f3ff
}

// visible writes out what a terminal would act on, or not show.
func visible(s string) string {
	if !strings.ContainsFunc(s, unprintable) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unprintable(r) {
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
