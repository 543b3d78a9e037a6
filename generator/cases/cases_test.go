package cases_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/afero"

	"dockerflow/generator/cases"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
)

func treeOf(files ...string) tree.Tree {
	t := tree.Tree{}
	for i := 0; i < len(files); i += 2 {
		name, can := strings.CutSuffix(files[i], "*")
		f := tree.File{Mode: 0o644, Data: []byte(files[i+1])}
		if can {
			f.Mode = 0o755
		}
		t[name] = f
	}
	return t
}

func parse(t *testing.T, text string) *cases.Case {
	t.Helper()
	c, err := cases.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParseReadsCommandLines(t *testing.T) {
	t.Parallel()
	c := parse(t, "dockerflow new out --about \"a \\\"b\\\" c\" --yes\n\ndockerflow  new out `-x`\n-- a --\nA\n")
	want := [][]string{{"new", "out", "--about", `a "b" c`, "--yes"}, {"new", "out", "-x"}}
	if diff := cmp.Diff(want, c.Commands); diff != "" {
		t.Error(diff)
	}
}

func TestParseRefusesInvalidCases(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, want string }{
		"nothing":         {"", "want a command line"},
		"only files":      {"-- a --\nA\n", "want a command line"},
		"another program": {"rm -r /\n", `"rm -r /": want only command lines of dockerflow`},
		"prose":           {"A case.\ndockerflow new out\n", `"A case.": want only command lines of dockerflow`},
		"a file twice":    {"dockerflow new out\n-- a --\nA\n-- a +x --\nB\n", `"a" is listed twice`},
	} {
		if _, err := cases.Parse([]byte(tt.text)); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The commands of a case run in an empty file system, and files outside the folder out are ignored.
func TestRunCollectsWhatIsInOut(t *testing.T) {
	t.Parallel()
	c := parse(t, "dockerflow one\ndockerflow two\n")
	got, err := c.Run(func(fsys tree.FS, args []string) (int, string) {
		switch _, err := fsys.Stat("out"); {
		case args[0] == "one" && err != nil:
			return code(write(fsys, "out/a/b", "B", 0o644), write(fsys, "elsewhere", "E", 0o644)), ""
		case args[0] == "two" && err == nil:
			return code(write(fsys, "out/c", "C", 0o755)), ""
		}
		return 2, "wrong"
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(treeOf("a/b", "B", "c*", "C"), got); diff != "" {
		t.Error(diff)
	}
}

func write(fsys tree.FS, name, data string, mode uint32) error {
	if err := fsys.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	if err := afero.WriteFile(fsys, name, []byte(data), 0o644); err != nil {
		return err
	}
	if mode == 0o755 {
		return fsys.Chmod(name, 0o755)
	}
	return nil
}

func code(errs ...error) int {
	for _, err := range errs {
		if err != nil {
			return 2
		}
	}
	return 0
}

func TestRunReportsFailures(t *testing.T) {
	t.Parallel()
	c := parse(t, "dockerflow new out -x\n")
	_, err := c.Run(func(tree.FS, []string) (int, string) { return 2, "no flag -x\n" })
	if err == nil || err.Error() != "dockerflow new out -x: exit 2: no flag -x" {
		t.Error(err)
	}
	if _, err := c.Run(func(tree.FS, []string) (int, string) { return 0, "" }); err == nil || !strings.Contains(err.Error(), "made no folder out") {
		t.Error(err)
	}
}

func TestFormatIsWhatParseReads(t *testing.T) {
	t.Parallel()
	const text = "dockerflow new out\n-- a/b --\nB\n-- empty --\n-- run.sh +x --\n#!/bin/sh\n"
	got, err := parse(t, "dockerflow new out\n").Format(treeOf("run.sh*", "#!/bin/sh\n", "empty", "", "a/b", "B\n"), nil)
	if err != nil || string(got) != text {
		t.Errorf("%v\n%s", err, got)
	}
	if diff := parse(t, text).Diff(treeOf("run.sh*", "#!/bin/sh\n", "empty", "", "a/b", "B\n")); diff != "" {
		t.Error(diff)
	}
}

func TestFormatRefusesWhatACaseCannotHold(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		tree tree.Tree
		want string
	}{
		"no newline at the end": {treeOf("a", "A\n", "b", "B"), "b: a case cannot contain a file without a newline"},
		"a marker":              {treeOf("a", "A\n-- b --\n"), "a: a case cannot contain this name, or a line"},
		"a marker in the last":  {treeOf("a", "A\n", "z", "x\n-- b --\ny\n"), "z: a case cannot contain this name, or a line"},
		"the mark of modes":     {treeOf("a +x", "A\n"), "a +x: a case cannot contain a name that ends in"},
	} {
		if _, err := parse(t, "dockerflow new out\n").Format(tt.tree, nil); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDiffShowsEveryDifference(t *testing.T) {
	t.Parallel()
	c := parse(t, "dockerflow new out\n-- gone --\ngone\n-- mode +x --\nsame\n-- raw --\nraw\n-- same --\nsame\n-- text --\none\ntwo\n")
	got := c.Diff(treeOf("mode", "same\n", "same", "same\n", "text", "one\n2\r\n", "new", "new\n", "raw", "\x00"))
	want := `gone: wanted, but not written
mode: want mode 755, got 644
new: written, but not wanted
binary files want/raw and got/raw differ
--- want/text
+++ got/text
@@ -1,2 +1,2 @@
 one
-two
+2\r
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestShownNamesTheChoicesThatNoCaseHas(t *testing.T) {
	t.Parallel()
	shown := cases.Shown{}
	record := "template: go\nversion: 1\nanswers:\n  name: \"x\"\n  ci: \"none\"\nfiles: {}\n"
	if err := shown.Add(treeOf(tree.RecordFile, record)); err != nil {
		t.Fatal(err)
	}
	ci := template.Question{Name: "ci", Choices: []template.Choice{{Value: "none"}, {Value: "github"}}}
	template := &template.Template{Name: "go", Questions: []template.Question{{Name: "name"}, ci}}
	if diff := cmp.Diff([]string{"--ci github"}, shown.Without(template.Questions)); diff != "" {
		t.Error(diff)
	}
	if !shown["go"] || shown["node"] {
		t.Error("want go, and only go")
	}
	if err := shown.Add(treeOf("a", "A")); err == nil {
		t.Error("want an error without a record")
	}
}
