package pipeline

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

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
		if got, err := (&Reader{}).evaluate(text, known); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "pipeline.number == 1", `(true`, "true true", "true ?", `"a" matches /(/`, "== true"} {
		if got, err := (&Reader{}).evaluate(text, known); err == nil {
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
