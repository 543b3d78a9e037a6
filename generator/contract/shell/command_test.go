package shell

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCommands(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, script string
		want         [][]string
	}{
		{"operators", "a 1&&b|| c;d|e &f", [][]string{{"a", "1"}, {"b"}, {"c"}, {"d"}, {"e"}, {"f"}}},
		{"quotes", `a 'b c' "d \" e" f\ g ''`, [][]string{{"a", "b c", `d " e`, "f g", ""}}},
		{"comments", "a # b && c\n#d\ne#f", [][]string{{"a"}, {"e#f"}}},
		{"continuations", "a \\\n  b\\\r\n c", [][]string{{"a", "b", "c"}}},
		{"redirections", "a 2>&1 > b", [][]string{{"a", "2>&1", ">", "b"}}},
		{"substitutions", "x=$(a b) c", [][]string{{"a", "b"}, {"c"}}},
		{"what stands before", "if ! A=1 sudo a; then exec b; fi", [][]string{{"a"}, {"b"}, {"fi"}}},
		{"an open quote", `a "b`, [][]string{{"a", "b"}}},
	} {
		var got [][]string
		for _, cmd := range Commands(nil, c.script, Variables{}, 0) {
			got = append(got, cmd.Words)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestCommandLines(t *testing.T) {
	t.Parallel()
	var got []int
	for _, cmd := range Commands(nil, "a\nb \\\n  c\n'd\n' e\n f", Variables{}, 0) {
		got = append(got, cmd.Line)
	}
	if diff := cmp.Diff([]int{0, 1, 4, 5}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}
