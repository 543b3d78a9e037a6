package yamlnode

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"dockerflow/generator/budget"
)

// nodes counts the nodes of a tree as written, without following aliases.
func nodes(n *yaml.Node) int {
	count := 1
	for _, child := range n.Content {
		count += nodes(child)
	}
	return count
}

// numbered repeats a piece n times and replaces each # with a number.
func numbered(n int, piece string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.ReplaceAll(piece, "#", fmt.Sprint(i)))
	}
	return b.String()
}

func TestLongTextsAreRefusedBeforeTheyAreParsed(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a list on one line":  "[" + strings.Repeat("a,", 4<<20) + "a]",
		"a list in JSON":      "[" + strings.Repeat("1,", 4<<20) + "1]",
		"empty mappings":      "[" + strings.Repeat("{},", 1<<20) + "a]",
		"dashes":              strings.Repeat("-\n", maxNodes),
		"question marks":      strings.Repeat("? a\n", maxNodes),
		"pairs in a list":     "[" + strings.Repeat("a: ,", maxNodes) + "]",
		"a flat mapping":      numbered(maxNodes, "#:\n"),
		"mappings on a line":  "{" + numbered(maxNodes, "#,") + "}",
		"keys without a text": strings.Repeat(":\n", maxNodes),
	} {
		used := budget.New(t.Context(), budget.Limits{Steps: maxNodes})
		if err := used.Do(func() { _, _ = Read([]byte(text), Options{Budget: used}) }); !budget.Exceeded(err) {
			t.Errorf("%s: a budget of %d steps is enough: %v", name, maxNodes, err)
		}
		if _, err := Read([]byte(text), Options{}); err == nil || !strings.Contains(err.Error(), "want at most 200000 keys and values") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAliasesCountForWhatTheyStandFor(t *testing.T) {
	t.Parallel()
	anchor := "a: &a {" + numbered(2000, "k#: v,") + "}\n"
	laughs := "x0: &x0 [lol]\n"
	chain := "x0: &x0 [lol]\n"
	for i := range 60 {
		laughs += fmt.Sprintf("x%d: &x%d [*x%d, *x%d]\n", i+1, i+1, i, i)
		chain += fmt.Sprintf("x%d: &x%d [*x%d]\n", i+1, i+1, i)
	}
	for name, c := range map[string]struct{ text, want string }{
		"a large anchor, merged often":   {anchor + numbered(2000, "b#: {<<: *a}\n"), "want at most 200000 keys and values"},
		"a large anchor in one merge":    {anchor + "b: {<<: [" + strings.Repeat("*a,", 2000) + "]}\n", "want at most 200000 keys and values"},
		"lists of the same list":         {laughs, "want at most"},
		"lists in lists through aliases": {chain, "want at most 50 levels"},
		"a list in itself":               {"a: &a [*a]\n", "want at most 50 levels"},
		"a list often in itself":         {"a: &a [" + strings.Repeat("*a,", 20) + "]\n", "want at most 50 levels"},
		"a key that is its own":          {"? &a [*a]\n: b", "want at most 50 levels"},
		"lists in lists":                 {strings.Repeat("[", 60) + strings.Repeat("]", 60), "1:52: want at most 50 levels"},
		"JSON lists in lists":            {strings.Repeat("[", 60) + "1" + strings.Repeat("]", 60), "want at most 50 levels"},
	} {
		if _, err := Read([]byte(c.text), Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
	if _, err := Read([]byte(anchor+numbered(20, "b#: {<<: *a}\n")), Options{}); err != nil {
		t.Errorf("twenty merges: %v", err)
	}
}

func TestReadReportsErrorsWithPositions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text    string
		options Options
		want    string
	}{
		{"", Options{}, "1:1: the file is empty"},
		{"# nothing\n", Options{Want: "want rows"}, "1:1: want rows"},
		{"a: b\n---\nc: d\n", Options{}, "2:1: want one document, but another one begins here"},
		{"a: b\n---\nc: d\n", Options{Want: "want rows"}, "2:1: want rows"},
		{"a: b\n---\nc: d\n", Options{First: true}, ""},
		{"a: b\n---\n{\n", Options{First: true}, ""},
		{"a: b\n---\n{\n", Options{}, "4:1: "},
		{"a: *b\n", Options{}, "1:4: unknown anchor"},
		{"a: &b c\nd: *b\n", Options{}, ""},
		{"a: &b c\nd: *b\n", Options{NoAlias: true}, "2:4: want no alias: write the value out"},
		{"a: b\nc: \xff\n", Options{}, "2:1: want UTF-8 text"},
		{"\xff\xfea\x00", Options{}, "1:1: want UTF-8 text"},
		{"# x\n%TAG ! tag:x\n---\na: b\n", Options{}, "2:1: want no %TAG directive"},
		{"a: '\u2028%TAG ! x'\n", Options{}, "1:1: want no %TAG directive"},
		{"run: |\n  echo %TAG %TAG%\n", Options{}, ""},
		{"\ufeffa: b\n", Options{}, ""},
		{"a: [b, c]\n", Options{Nodes: 5}, "1:1: want at most 5 keys and values"},
		{"a: [b, c]\n", Options{Nodes: 6}, ""},
		{"a: {b: c}\n", Options{Depth: 2}, "1:5: want at most 2 levels"},
		{"a: {b: c}\n", Options{Depth: 3}, ""},
	} {
		_, err := Read([]byte(c.text), c.options)
		var e *Error
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%q: %v", c.text, err)
		case c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want) || !errors.As(err, &e)):
			t.Errorf("%q: got %v, want %s", c.text, err, c.want)
		}
	}
	if _, err := Read(nil, Options{Want: "want rows"}); !errors.Is(err, ErrEmpty) {
		t.Errorf("got %v, want %v", err, ErrEmpty)
	}
}

func TestJSONIsReadAsJSON(t *testing.T) {
	t.Parallel()
	text := "{\n  \"é\": \"\\ud83d\\ude00\", \"n\": 1.50,\n  \"l\": [true, null, 3, {}], \"\\u00e9\": \"\\ufffd\ufffd\", \"half\": \"\\ud800\"\n}\n"
	doc, err := Read([]byte(text), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for key, value := range Pairs(doc.Content[0]) {
		got = append(got, fmt.Sprintf("%s@%d:%d %s %s@%d:%d", key.Value, key.Line, key.Column, value.ShortTag(), value.Value, value.Line, value.Column))
		for _, item := range value.Content {
			got = append(got, fmt.Sprintf("%s %s@%d:%d", item.ShortTag(), item.Value, item.Line, item.Column))
		}
	}
	want := []string{
		"é@2:3 !!str 😀@2:8", "n@2:24 !!float 1.50@2:29",
		"l@3:3 !!seq @3:8", "!!bool true@3:9", "!!null null@3:15", "!!int 3@3:21", "!!map @3:24",
		"é@3:29 !!str \ufffd\ufffd@3:39", "half@3:50 !!binary \ufffd@3:58",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestEachPair(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a: b\nc: d\n":   "a=b c=d ",
		"~":              "",
		"- a":            "1:1: top: want key: value, one on each line",
		"[a]: b":         "1:1: top: want a text as the key",
		"a: b\n\"a\": c": "a=b 2:1: top: duplicate key \"a\"",
		"a: []":          "1:4: a: want one value",
		"a:":             "1:3: a: want one value",
	} {
		doc, err := Read([]byte(text), Options{})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		err = EachPair(doc.Content[0], "top", func(key, value *yaml.Node) error {
			s, err := Scalar(value, key.Value)
			if err == nil {
				got += key.Value + "=" + s + " "
			}
			return err
		})
		if err != nil {
			got += err.Error()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// FuzzRead checks that a text has no more nodes than signs counts, that each error has a position, and that JSON is
// read as the YAML parser reads it.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"a: &x [b, {c: d}]\ne: *x\n", "? a\n: b\n", "[a: b, ? c, : ]", "- - - a\n-\n", "? ? ? a", "{a, b: , ? }", "- ? - a: b", "a: |\n  b\n",
		`{"a": [1, "b", null]}`, "--- a\n--- b", "%YAML 1.1\n---\n", "? - a: b\n  - ? c\n", "[[],{},[]]", "\"a\":b", "!t &a *b", "-\u0085-", "[?,?]", "{:,:}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := Read(data, Options{First: true})
		if err != nil {
			var e *Error
			if !errors.As(err, &e) || e.Line < 1 || e.Column < 1 {
				t.Fatalf("%v: want an error with a position", err)
			}
			return
		}
		if n := nodes(doc); n > signs(data) {
			t.Errorf("%d nodes, but signs returned %d", n, signs(data))
		}
		if !utf8.Valid(data) {
			t.Error("invalid UTF-8 is accepted")
		}
	})
}
