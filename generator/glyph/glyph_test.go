package glyph

import "testing"

func TestLine(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"plain, ÄÖ 日本語 שלום":      "plain, ÄÖ 日本語 שלום",
		"\x1b]0;title\x07":        `\x1b]0;title\a`,
		"a\nb\r\tc\x00\x7f":       `a\nb\r\tc\x00\x7f`,
		"\x9b2J \u009b2J":         `\x9b2J \u009b2J`,
		"\u202eab\u2066\u200f":    `\u202eab\u2066\u200f`,
		"a\u200bb\ufeffc\u00add":  `a\u200bb\ufeffc\u00add`,
		"a\u00a0b\u3000c\u2028d":  "a\u00a0b\u3000c" + `\u2028d`,
		"\u3164\u034f\U000e0041":  `\u3164\u034f\U000e0041`,
		"👩\u200d🔬 ❤\ufe0f\u200d🔥": "👩\u200d🔬 ❤\ufe0f\u200d🔥",
		"a\u200db":                `a\u200db`,
		"caf\xe9":                 `caf\xe9`,
		`C:\x1b`:                  `C:\x1b`,
	} {
		if got := Line(s); got != want {
			t.Errorf("%q is %q, want %q", s, got, want)
		}
	}
}
