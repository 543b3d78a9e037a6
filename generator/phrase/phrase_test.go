package phrase

import "testing"

func TestCount(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "0 files", 1: "1 file", 2: "2 files"} {
		if got := Count(n, "file"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestFolderIsOneWordAndNoFlag(t *testing.T) {
	t.Parallel()
	for dir, want := range map[string]string{
		"":        "''",
		"a/b-c.d": "a/b-c.d",
		"-rf":     "./-rf",
		"- x":     "'./- x'",
		"it's":    `'it'\''s'`,
		"a;$(b)":  "'a;$(b)'",
		"a\nb":    "'a\nb'",
	} {
		if got := Folder(dir); got != want {
			t.Errorf("%q: %q, want %q", dir, got, want)
		}
	}
}
