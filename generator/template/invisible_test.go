package template

import (
	"strings"
	"testing"

	"dockerflow/generator/glyph"
	"dockerflow/generator/tree"
)

// ignorable are the code points that are Default_Ignorable_Code_Point in Unicode 16, and other blank ones.
var ignorable = [][2]rune{
	{0xad, 0xad}, {0x34f, 0x34f}, {0x61c, 0x61c}, {0x115f, 0x1160}, {0x17b4, 0x17b5}, {0x180b, 0x180f}, {0x200b, 0x200f},
	{0x202a, 0x202e}, {0x2060, 0x206f}, {0x2800, 0x2800}, {0x3164, 0x3164}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0},
	{0xfff0, 0xfff8}, {0x13441, 0x13442}, {0x1bca0, 0x1bca3}, {0x1d159, 0x1d159}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
}

// An invisible character makes different texts look the same: no answer, text of a template or path may contain one.
func TestNothingInvisibleIsTaken(t *testing.T) {
	t.Parallel()
	for _, between := range ignorable {
		for r := between[0]; r <= between[1]; r++ {
			for _, s := range []string{"a" + string(r) + "b", string(r), "a" + string(r)} {
				if v, err := textQuestion.Parse(s); err == nil {
					t.Errorf("%U: the answer %q is accepted", r, v)
				} else if strings.ContainsRune(err.Error(), r) && r != '\ufe0f' {
					t.Errorf("%U: the error contains it: %v", r, err)
				}
				if err := printable(s, 100); err == nil {
					t.Errorf("%U: the template text %q is accepted", r, s)
				}
				if err := tree.CheckPath(s); err == nil {
					t.Errorf("%U: the path %q is accepted", r, s)
				}
			}
		}
	}
}

func TestEmojiAreAccepted(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"👩\u200d💻", "👨\u200d👩\u200d👧", "❤\ufe0f", "❤\ufe0f\u200d🔥", "👩🏽\u200d🚀", "🏳\ufe0f\u200d🌈", "🙂\u200d↔\ufe0f", "1\ufe0f⃣", "‼\ufe0f", "ℹ\ufe0f", "🇫🇷", "👍🏿",
		"🧑\u200d⚕\ufe0f and 🚀", "naïve, 猫, שלום, ไทย, हिन्दी", "e\u0301",
	} {
		if _, err := textQuestion.Parse(s); err != nil {
			t.Errorf("%q: %v", s, err)
		}
		if err := printable(s, 100); err != nil {
			t.Errorf("%q: %v", s, err)
		}
	}
}

// Parts of emoji are invisible outside emoji.
func TestPartsOfEmojiAreRefusedElsewhere(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		"a\u200db", "\u200d", "\u200d💻", "👩\u200d", "👩\u200d\u200d💻", "a\ufe0f", "\ufe0f", "❤\ufe0f\ufe0f", "admin\u200d👩", "👩\u200dadmin",
		"🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
	} {
		if v, err := textQuestion.Parse(s); err == nil {
			t.Errorf("%q is accepted as %q", s, v)
		}
	}
}

// hides reports whether a text has an invisible character.
func hides(s string) bool {
	_, hidden := glyph.Hidden(s)
	return hidden
}
