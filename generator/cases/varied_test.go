package cases_test

import (
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dockerflow/generator/cases"
	"dockerflow/generator/tree"
)

// whole is a case, and varied one with whole as its base: the file same is equal, run.sh is executable, and "a b" is
// gone.
const (
	whole  = "dockerflow new out\n-- a b --\nA\n-- changed --\n1\n-- run.sh --\nR\n-- same --\nS\n"
	varied = "dockerflow new out --x\nbase: whole\ngone: a b\n-- changed --\n2\n-- new --\nN\n-- run.sh +x --\nR\n"
)

func wholeTree() tree.Tree {
	return treeOf("a b", "A\n", "changed", "1\n", "run.sh", "R\n", "same", "S\n")
}

func variedTree() tree.Tree {
	return treeOf("changed", "2\n", "new", "N\n", "run.sh*", "R\n", "same", "S\n")
}

// linked parses a case and its base.
func linked(t *testing.T, text string) *cases.Case {
	t.Helper()
	c := parse(t, text)
	for name, err := range cases.Link(map[string]*cases.Case{"whole": parse(t, whole), "varied": c}) {
		t.Fatalf("%s: %v", name, err)
	}
	return c
}

func TestFormatKeepsTheFormThatACaseHas(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"as it is":          varied,
		"no difference yet": "dockerflow new out --x\nbase: whole\n",
		"old differences":   "dockerflow new out --x\nbase: whole\ngone: same\ngone: nothing\n-- a b --\nA\n-- old --\nO\n",
		"gone first":        "gone: a b\ndockerflow new out --x\nbase: whole\n",
	} {
		got, err := linked(t, text).Format(variedTree(), wholeTree())
		if err != nil || string(got) != varied {
			t.Errorf("%s: %v\n%s", name, err, got)
		}
	}
	if got, err := parse(t, whole).Format(wholeTree(), nil); err != nil || string(got) != whole {
		t.Errorf("whole: %v\n%s", err, got)
	}
}

func TestFormatRefusesWhatADifferenceCannotHold(t *testing.T) {
	t.Parallel()
	c := linked(t, varied)
	if _, err := c.Format(treeOf("same", "no newline"), treeOf("same", "no newline")); err != nil {
		t.Errorf("the base's: %v", err)
	}
	if _, err := c.Format(treeOf("same", "no newline"), wholeTree()); err == nil || !strings.Contains(err.Error(), "without a newline") {
		t.Errorf("its own: %v", err)
	}
}

// A case with a base still checks the whole tree: any change is reported.
func TestDiffOfADifferenceShowsWhateverChanges(t *testing.T) {
	t.Parallel()
	if diff := linked(t, varied).Diff(variedTree()); diff != "" {
		t.Errorf("wanted: %s", diff)
	}
	for name, tt := range map[string]struct {
		change tree.Tree // changes to what is wanted; a file without a mode is not written
		want   string
	}{
		"a file that is not listed":             {treeOf("same", "T\n"), "--- want/same\n+++ got/same\n@@ -1,1 +1,1 @@\n-S\n+T\n"},
		"the mode of a file that is not listed": {treeOf("same*", "S\n"), "same: want mode 644, got 755\n"},
		"no file that is not listed":            {tree.Tree{"same": {}}, "same: wanted, but not written\n"},
		"a listed file":                         {treeOf("new", "M\n"), "--- want/new\n+++ got/new\n@@ -1,1 +1,1 @@\n-N\n+M\n"},
		"a listed file as the base has it":      {treeOf("changed", "1\n"), "--- want/changed\n+++ got/changed\n@@ -1,1 +1,1 @@\n-2\n+1\n"},
		"the mode of a listed file":             {treeOf("run.sh", "R\n"), "run.sh: want mode 755, got 644\n"},
		"no listed file":                        {tree.Tree{"new": {}}, "new: wanted, but not written\n"},
		"no listed file that the base has":      {tree.Tree{"changed": {}}, "changed: wanted, but not written\n"},
		"a file that is gone":                   {treeOf("a b", "A\n"), "a b: written, but not wanted\n"},
		"another file":                          {treeOf("b", "B\n"), "b: written, but not wanted\n"},
	} {
		got := variedTree()
		maps.Copy(got, tt.change)
		maps.DeleteFunc(got, func(_ string, f tree.File) bool { return f.Mode == 0 })
		if diff := cmp.Diff(tt.want, linked(t, varied).Diff(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Entries that do not differ from the base are reported: they would hide the real differences from a reader.
func TestDiffShowsWhatIsListedWithoutNeed(t *testing.T) {
	t.Parallel()
	c := linked(t, varied+"-- same --\nS\n")
	if got := c.Diff(variedTree()); got != "same: listed, but equal in whole.txtar\n" {
		t.Errorf("same: %q", got)
	}
	for _, path := range []string{"nothing", "../whole.txtar", "/etc/passwd", `"a b"`, "a\x00", "same/", "changed +x"} {
		c := linked(t, strings.Replace(varied, "gone: a b\n", "gone: a b\ngone: "+path+"\n", 1))
		if got := c.Diff(variedTree()); got != path+": gone, but not in whole.txtar\n" {
			t.Errorf("%s: %q", path, got)
		}
	}
}

func TestParseRefusesInvalidDifferences(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, want string }{
		"no name":            {"dockerflow new out\nbase:\n", `"base:": want the name of one case`},
		"two bases":          {"dockerflow new out\nbase: a\nbase: b\n", `"base: b": want the name of one case`},
		"only a base":        {"base: a\n", "want a command line"},
		"gone, and no base":  {"dockerflow new out\ngone: a\n", `gone: "a": want a line base: NAME`},
		"no path":            {"dockerflow new out\nbase: a\ngone: \n", `"gone:": want the path of a file`},
		"gone twice":         {"dockerflow new out\nbase: a\ngone: x\ngone:  x\n", `"gone:  x": want the path of a file, listed once`},
		"gone, and listed":   {"dockerflow new out\nbase: a\ngone: x\n-- x --\n", `"x" is listed twice`},
		"another keyword":    {"dockerflow new out\nbased: a\n", `"based: a": want only command lines of dockerflow`},
		"a keyword in space": {"dockerflow new out\nbase : a\n", `"base : a": want only command lines of dockerflow`},
	} {
		if _, err := cases.Parse([]byte(tt.text)); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLinkWantsABaseWithoutABase(t *testing.T) {
	t.Parallel()
	all := map[string]*cases.Case{"whole": parse(t, whole), "varied": parse(t, varied)}
	want := map[string]string{"third": "base: varied.txtar has a base itself", "self": "base: self.txtar has a base itself"}
	for name, base := range map[string]string{
		"third": "varied", "self": "self", "missing": "missing one", "out": "../whole", "here": "./whole", "file": "whole.txtar", "upper": "Whole", "escape": "\x1b[2J",
	} {
		all[name] = parse(t, "dockerflow new out\nbase: "+base+"\n")
		if want[name] == "" {
			want[name] = "base: there is no valid case " + strconv.Quote(base)
		}
	}
	wrong := cases.Link(all)
	for name, text := range want {
		if err := wrong[name]; err == nil || !strings.HasPrefix(err.Error(), text) {
			t.Errorf("%s: got %v, want %s", name, err, text)
		}
	}
	if len(wrong) != len(want) {
		t.Errorf("got %v", wrong)
	}
}
