package contract

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
		for _, cmd := range commandsWith(nil, c.script, variables{}, 0) {
			got = append(got, cmd.words)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestCommandLines(t *testing.T) {
	t.Parallel()
	var got []int
	for _, cmd := range commandsWith(nil, "a\nb \\\n  c\n'd\n' e\n f", variables{}, 0) {
		got = append(got, cmd.line)
	}
	if diff := cmp.Diff([]int{0, 1, 4, 5}, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func TestExpressions(t *testing.T) {
	t.Parallel()
	known := map[string]string{"pipeline.git.branch": "", "pipeline.git.tag": "v1.2.3"}
	for text, want := range map[string]bool{
		`pipeline.git.tag`:        true,
		`pipeline.git.branch`:     false,
		`not pipeline.git.branch`: true,
		`pipeline.git.branch == "main" or (pipeline.git.tag matches /^v/)`: true,
		`pipeline.git.branch == "main" or pipeline.git.tag matches /^w/`:   false,
		`pipeline.git.tag starts-with "v1" and pipeline.git.tag != 'v1'`:   true,
		`false or not (true and false)`:                                    true,
	} {
		if got, err := (&pipeline{}).evaluate(text, known); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "pipeline.number == 1", `(true`, "true true", "true ?", `"a" matches /(/`, "== true"} {
		if got, err := (&pipeline{}).evaluate(text, known); err == nil {
			t.Errorf("%q: %v, want an error", text, got)
		}
	}
}

func TestYAML(t *testing.T) {
	t.Parallel()
	v, err := parseYAML([]byte("a: &x\n  b: |\n    one\n    two\nc:\n  <<: *x\n  d: [1, 2.10, true, 'e']\nf: ~\n"))
	if err != nil {
		t.Fatal(err)
	}
	if b := v.get("c", "b"); b.string() != "one\ntwo\n" || b.at() != 3 {
		t.Errorf("c.b is %q at line %d", b.string(), b.at())
	}
	if diff := cmp.Diff([]string{"1", "2.10", "true", "e"}, v.get("c", "d").strings()); diff != "" {
		t.Errorf("c.d (-want +got):\n%s", diff)
	}
	if v.get("f", "g", "h") != nil || v.get("f").string() != "" {
		t.Error("f is not empty")
	}
	_, err = parseYAML([]byte("a: b\nc: [\n"))
	if err == nil {
		t.Fatal("no error for an open list")
	}
	if line, text := yamlError(err); line != 3 || text == "" {
		t.Errorf("line %d: %s", line, text)
	}
}
