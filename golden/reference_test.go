package golden

import (
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"dockerflow/generator/template"
	"dockerflow/templates"
)

// examples has, for each function that templates can call, a description and an example.
var examples = map[string][2]string{
	"and":        {"the first value that is empty, or the last one", `and true .fast`},
	"camelcase":  {"words joined, each capitalized", `camelcase "main_db_host"`},
	"contains":   {"whether the second text contains the first one", `contains "flow" "dockerflow"`},
	"default":    {"the second value, or the first one if the second is empty", `default "eu" ""`},
	"empty":      {"whether a value is empty: an empty text or list, 0, or false", `empty ""`},
	"eq":         {"whether the first value equals one of the others", `eq .ci "github" "circleci"`},
	"first":      {"the first element of a list", `first (splitList "," "a,b")`},
	"ge":         {"whether the first value is greater than or equal to the second", `ge .port 1024`},
	"gt":         {"whether the first value is greater than the second", `gt .port 1024`},
	"has":        {"whether a list contains a value", `has "b" (list "a" "b")`},
	"hasPrefix":  {"whether the second text starts with the first one", `hasPrefix "docker" "dockerflow"`},
	"hasSuffix":  {"whether the second text ends with the first one", `hasSuffix "flow" "dockerflow"`},
	"html":       {"a text escaped for HTML", `html "a < b"`},
	"indent":     {"each line indented by a number of spaces", `indent 2 "a"`},
	"index":      {"an element of a list, counted from 0, or of a map, by its key", `index (list "a" "b") 1`},
	"join":       {"the elements of a list, joined with a separator", `join ", " (list "a" "b")`},
	"js":         {"a text escaped for a JavaScript string", `js "it's"`},
	"kebabcase":  {"words joined with hyphens", `kebabcase "mainDbHost"`},
	"last":       {"the last element of a list", `last (splitList "/" .image)`},
	"le":         {"whether the first value is less than or equal to the second", `le .port 1024`},
	"len":        {"the length of a text in bytes, or of a list", `len "hello"`},
	"list":       {"a list of texts, numbers and booleans", `list "a" "b"`},
	"lower":      {"a text in lower case", `lower "ACME"`},
	"lt":         {"whether the first value is less than the second", `lt .port 1024`},
	"markdown":   {"a text escaped for Markdown", `markdown "a_b*"`},
	"ne":         {"whether two values differ", `ne .ci "none"`},
	"nindent":    {"like indent, after a new line", `quote (nindent 2 "a")`},
	"not":        {"true if the value is empty, else false", `not .fast`},
	"or":         {"the first value that is not empty, or the last one", `or "" "eu"`},
	"print":      {"values as one text, with spaces between values that are not texts", `print "port " .port`},
	"printf":     {"values in the given format", `printf "%s:%d" .name .port`},
	"println":    {"values separated by spaces, and a new line", `quote (println "a" 1)`},
	"quote":      {"a string literal for JSON, YAML, TOML, JavaScript, Python and Go", `quote "say \"hi\""`},
	"replace":    {"the third text, with the first replaced by the second", `replace "-" "_" "a-b-c"`},
	"slice":      {"a part of a text or list, from a start up to an end", `slice "dockerflow" 0 6`},
	"snakecase":  {"words joined with underscores", `snakecase "mainDbHost"`},
	"splitList":  {"the second text, split at the first, as a list", `splitList "/" .image`},
	"ternary":    {"the first value if the third is true, else the second one", `ternary "yes" "no" .fast`},
	"trim":       {"a text without surrounding space", `trim "  a "`},
	"trimPrefix": {"the second text without the first one at its start", `trimPrefix "v" "v1.2.0"`},
	"trimSuffix": {"the second text without the first one at its end", `trimSuffix ".git" "shop.git"`},
	"trunc":      {"at most the given number of characters", `trunc 6 "dockerflow"`},
	"upper":      {"a text in upper case", `upper "eu"`},
	"urlquery":   {"a text escaped for the query of a URL", `urlquery "a b&c"`},
}

// TestReference checks that the reference matches the code. The results come from running the examples.
func TestReference(t *testing.T) {
	t.Parallel()
	const file = "../templates/REFERENCE.md"
	want := reference(t)
	if *update {
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("go test ./golden -update updates it (-want +got):\n%s", diff)
	}
}

func reference(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("# Functions and variables of templates\n\nWhat a `.tmpl` file, a part, a default or an answer in a template can use. " +
		"This page is generated from the code: `go test ./golden -update`.\n\n## Functions\n\n" +
		"The language is Go's [text/template](https://pkg.go.dev/text/template), between `<%` and `%>`. There are no other functions: none reads the " +
		"environment, the clock, files or the network.\n\n| function | arguments | returns | example | result |\n| --- | --- | --- | --- | --- |\n")
	all := template.Functions()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		e, ok := examples[name]
		if !ok {
			t.Fatalf("no example of %s", name)
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | `<%% %s %%>` | `%s` |\n", name, arguments(all[name]), e[0], e[1], result(t, e[1]))
	}
	if n := len(examples); n != len(all) {
		t.Fatalf("%d examples of %d functions", n, len(all))
	}
	b.WriteString("\n## Variables\n\nEach question is a variable: `<% .name %>`. A template has its own variables and those of the template that it extends.\n")
	brought, err := template.Load(templates.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	base, err := template.LoadNamed(templates.FS, "common", nil)
	if err != nil {
		t.Fatal(err)
	}
	shared := map[string]bool{}
	for _, tmpl := range append([]*template.Template{base}, brought...) {
		fmt.Fprintf(&b, "\n### `extends: %s`\n\n", tmpl.Name)
		if tmpl != base {
			b.WriteString("The variables of `common`, and:\n\n")
		}
		b.WriteString("| variable | type | meaning | default |\n| --- | --- | --- | --- |\n")
		for _, q := range tmpl.Questions {
			if !shared[q.Name] {
				fmt.Fprintf(&b, "| `.%s` | %s | %s | %s |\n", q.Name, kind(q), says(q), ofDefault(q))
			}
			shared[q.Name] = shared[q.Name] || tmpl == base
		}
	}
	return b.String()
}

// arguments returns the types of a function's parameters.
func arguments(fn any) string {
	if fn == nil {
		return "values"
	}
	names := map[reflect.Kind]string{reflect.String: "text", reflect.Int: "number", reflect.Bool: "boolean", reflect.Interface: "value", reflect.Slice: "list"}
	var words []string
	typ := reflect.TypeOf(fn)
	for i := range typ.NumIn() {
		in := typ.In(i)
		if typ.IsVariadic() && i == typ.NumIn()-1 {
			words = append(words, names[in.Elem().Kind()]+"s")
			continue
		}
		words = append(words, names[in.Kind()])
	}
	return strings.Join(words, ", ")
}

// result runs an example with the answers of a sample project.
func result(t *testing.T, action string) string {
	t.Helper()
	fsys := fstest.MapFS{
		"template.yaml": {Data: []byte(`about: an example
version: 1
questions:
  - {name: name, ask: Name, type: string, default: shop}
  - {name: image, ask: Image, type: string, default: acme/shop}
  - {name: ci, ask: CI, type: string, default: github}
  - {name: port, ask: Port, type: int, default: "8000"}
  - {name: fast, ask: Fast, type: bool, default: "true"}
`)},
		"files/x.tmpl": {Data: []byte("<% " + action + " %>.")},
	}
	tmpl, err := template.LoadOne(fsys, "example", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := tmpl.Resolve(nil)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := tmpl.Render(a)
	if err != nil {
		t.Fatalf("%s: %v", action, err)
	}
	return strings.TrimSuffix(string(tree["x"].Data), ".")
}

func kind(q template.Question) string {
	if len(q.Choices) == 0 {
		return q.Type
	}
	return "one of `" + strings.Join(q.Values(), "`, `") + "`"
}

func says(q template.Question) string {
	if q.Hint == "" {
		return q.Ask
	}
	return q.Ask + ": " + q.Hint
}

func ofDefault(q template.Question) string {
	if q.Required {
		return "none (required)"
	}
	return "`" + q.Default + "`"
}
