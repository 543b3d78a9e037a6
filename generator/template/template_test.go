package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"dockerflow/generator/template/templatetest"
	"dockerflow/generator/tree/treetest"
)

// with returns a copy of a file system with some files changed or removed.
func with(fsys fstest.MapFS, changed map[string]string) fstest.MapFS {
	c := maps.Clone(fsys)
	for name, data := range changed {
		c[name] = &fstest.MapFile{Data: []byte(data)}
		if data == treetest.Gone {
			delete(c, name)
		}
	}
	return c
}

const plain = `
-- README.md --
a file beside the folders is no template
-- common/template.yaml --
questions:
  - {name: name, ask: Name, type: string, pattern: '[a-z]+', required: true}
reserved: [{question: name, because: is a device, words: con}]
-- common/files/common.txt --
-- other/template.yaml --
about: another service
extends: common
version: 1
reserved: [{question: name, because: is another keyword, words: def}]
-- other/files/other.txt --
-- svc/template.yaml --
about: a service
extends: common
version: 3
questions:
  - name: ci
    ask: CI
    hint: what builds it
    group: Repository
    type: choice
    default: none
    choices:
      - value: none
        about: no CI
      - value: github
next: [make test]
reserved:
  - question: name
    because: is a keyword
    words: func type
-- svc/files/svc.txt --
`

func TestLoad(t *testing.T) {
	t.Parallel()
	got, err := Load(templatetest.Files(plain), nil)
	if err != nil {
		t.Fatal(err)
	}
	name := func(reserved map[string]string) Question {
		return Question{Name: "name", Ask: "Name", Type: "string", Pattern: "[a-z]+", Required: true, reserved: reserved}
	}
	ofOther := name(map[string]string{"con": "is a device", "def": "is another keyword"})
	ofSvc := name(map[string]string{"con": "is a device", "func": "is a keyword", "type": "is a keyword"})
	want := []*Template{
		{Name: "other", About: "another service", Version: 1, Questions: []Question{ofOther}},
		{Name: "svc", About: "a service", Version: 3, Next: []string{"make test"}, Questions: []Question{ofSvc, {
			Name: "ci", Ask: "CI", Hint: "what builds it", Group: "Repository", Type: "choice", Default: "none",
			Choices: []Choice{{Value: "none", About: "no CI"}, {Value: "github"}},
		}}},
	}
	opts := cmp.Options{
		questionFields,
		cmp.FilterPath(func(p cmp.Path) bool {
			return slices.Contains([]string{"all", "inherited", "layers", "sources", "defaults", "adoption"}, p.String())
		}, cmp.Ignore()),
	}
	if diff := cmp.Diff(want, got, opts); diff != "" {
		t.Errorf("templates (-want +got):\n%s", diff)
	}
	for _, tmpl := range got {
		if err := tmpl.Check(); err != nil {
			t.Errorf("%s: %v", tmpl.Name, err)
		}
	}
}

// svcAsks returns a manifest with one question.
func svcAsks(question string) map[string]string {
	return map[string]string{"svc/template.yaml": "about: a\nextends: common\nversion: 1\nquestions:\n  - " + question + "\n"}
}

// svcSays returns the manifest of a template that extends common.
func svcSays(lines string) map[string]string {
	return map[string]string{"svc/template.yaml": "about: a\nextends: common\nversion: 1\n" + lines + "\n"}
}

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	taken := Taken{"template": "is a flag"}
	const badName = "want a name of lower-case letters, digits and underscores"
	tests := []struct {
		name   string
		change map[string]string
		want   []string // a part of the error
	}{
		{"a base that is not there", map[string]string{"svc/template.yaml": "about: a\nextends: commmon\nversion: 1\n"}, []string{`svc/template.yaml: extends "commmon": template commmon: no such template`}},
		{"a folder common without a manifest", map[string]string{"common/template.yaml": treetest.Gone}, []string{"template common", "common/template.yaml"}},
		{"a base that extends it", map[string]string{"svc/template.yaml": "about: a\nextends: other\nversion: 1\n", "other/template.yaml": "about: a\nextends: svc\nversion: 1\n"}, []string{"extends itself"}},
		{"a version without about in a base", map[string]string{"common/template.yaml": "version: 1\n"}, []string{"common/template.yaml:1:1: want both about and version; the first version is 1"}},
		{"a default for a question that the base does not ask", svcSays("defaults: {nmae: x}"), []string{`svc/template.yaml:4:18: defaults: the base has no question "nmae"`}},
		{"a default for a question of its own", svcSays("defaults: {a: x}\nquestions: [{name: a, ask: A, type: string, default: y}]"), []string{`svc/template.yaml:4:15: defaults: the base has no question "a"`}},
		{"an answer to a question that the base does not ask", svcSays("answers: {nmae: x}"), []string{`svc/template.yaml:4:17: answers: the base has no question "nmae"`}},
		{"a default and an answer", svcSays("defaults: {name: x}\nanswers: {name: y}"), []string{"svc/template.yaml:5:17: want each question either in defaults or in answers, not in both"}},
		{"an empty default", svcSays("defaults: {name: ''}"), []string{"svc/template.yaml:4:18: defaults: name: want a text"}},
		{"a default for a question that the base answers", map[string]string{"svc/template.yaml": "about: a\nextends: other\nversion: 1\ndefaults: {name: x}\n", "other/template.yaml": "about: a\nextends: common\nversion: 1\nanswers: {name: y}\n"}, []string{`svc/template.yaml:4:18: defaults: the base already answers "name"`}},
		{"drop without a base", map[string]string{"svc/template.yaml": "about: a\nversion: 1\ndrop: [x]\n"}, []string{"svc/template.yaml:3:7: drop: there is no base"}},
		{"drop of a path outside the project", svcSays("drop: [../x]"), []string{`svc/template.yaml:4:8: drop: path "../x"`}},
		{"a folder without a manifest", map[string]string{"svc/template.yaml": treetest.Gone}, []string{"template svc", "svc/template.yaml"}},
		{"a folder without files", map[string]string{"svc/template.yaml": "about: a\nversion: 1\n", "svc/files/svc.txt": treetest.Gone}, []string{"template svc has no files"}},
		{"files that are one file", map[string]string{"svc/files/svc.txt": treetest.Gone, "svc/files": "x"}, []string{"template svc has no files"}},
		{"common without files", map[string]string{"common/files/common.txt": treetest.Gone}, []string{"template common has no files"}},
		{"a misspelt key, with its line", map[string]string{"svc/template.yaml": "about: a\nversion: 1\nqestions: []\n"}, []string{"svc/template.yaml", ":3:1:", `unknown field qestions`}},
		{"a misspelt key of a question, with its line", svcAsks("name: a\n    ask: A\n    tpye: int\n    default: '1'"), []string{"svc/template.yaml", ":7:5:", `unknown field tpye`}},
		{"a misspelt key in common", map[string]string{"common/template.yaml": "questoins: []\n"}, []string{"common/template.yaml", ":1:1:", `unknown field questoins`}},
		{"a key twice", map[string]string{"svc/template.yaml": "about: a\nversion: 1\nabout: b\n"}, []string{"svc/template.yaml", ":3:1:", `mapping key "about" already defined`}},
		{"a key of the wrong type", map[string]string{"svc/template.yaml": "about: a\nversion: one\n"}, []string{"svc/template.yaml", ":2:10:"}},
		{"no YAML", map[string]string{"svc/template.yaml": "about: [\n"}, []string{"svc/template.yaml", ":2:1:"}},
		{"an empty manifest", map[string]string{"svc/template.yaml": "\n"}, []string{"svc/template.yaml:1:1: the file is empty"}},
		{"no about", map[string]string{"svc/template.yaml": "version: 1\n"}, []string{"svc/template.yaml:1:1: want both about and version; the first version is 1"}},
		{"no version", map[string]string{"svc/template.yaml": "about: a\n"}, []string{"svc/template.yaml:1:1: want both about and version; the first version is 1"}},
		{"a question twice", svcAsks("{name: a, ask: A, type: int, default: '1'}\n  - {name: a, ask: B, type: int, default: '2'}"), []string{`svc/template.yaml:6:12: question "a" is defined twice`}},
		{"a question that common asks", svcAsks("{name: name, ask: Name, type: int, default: '1'}"), []string{`svc/template.yaml:5:12: question "name" is defined twice`}},
		{"no name", svcAsks("{ask: A, type: int, default: '1'}"), []string{`question ""`, badName}},
		{"a name that is no flag", svcAsks("{name: --a, ask: A, type: int, default: '1'}"), []string{`question "--a"`, badName}},
		{"a name that is no template variable", svcAsks("{name: a-b, ask: A, type: int, default: '1'}"), []string{`question "a-b"`, badName}},
		{"a question with the name of a flag", svcAsks("{name: template, ask: A, type: int, default: '1'}"), []string{`svc/template.yaml:5:12: question "template": the name is a flag: want another name`}},
		{"a question without ask", svcAsks("{name: a, type: int, default: '1'}"), []string{`question "a": want ask`}},
		{"no type", svcAsks("{name: a, ask: A, default: '1'}"), []string{`question "a": type "": want string, int, bool or choice`}},
		{"an unknown type", svcAsks("{name: a, ask: A, type: number, default: '1'}"), []string{`question "a": type "number": want string, int, bool or choice`}},
		{"choices without type choice", svcAsks("{name: a, ask: A, type: string, default: x, choices: [{value: x}]}"), []string{`question "a": choices are only for type choice`}},
		{"type choice without choices", svcAsks("{name: a, ask: A, type: choice, default: x}"), []string{`question "a": choices are only for type choice`}},
		{"neither required nor default", svcAsks("{name: a, ask: A, type: string}"), []string{`question "a": want either required or a default`}},
		{"required and a default", svcAsks("{name: a, ask: A, type: string, required: true, default: x}"), []string{`question "a": want either required or a default`}},
		{"reserved words for an unknown question", map[string]string{"svc/template.yaml": "about: a\nextends: common\nversion: 1\nreserved: [{question: nmae, because: x, words: y}]\n"}, []string{`svc/template.yaml:4:23: reserved: no question "nmae"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := Load(with(templatetest.Files(plain), tt.change), taken)
			if err == nil {
				t.Fatalf("got %d templates, want an error", len(got))
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %q, want %q in it", err, want)
				}
			}
		})
	}
}

// These checks are too slow for Load: every pattern compiles, every fixed default is a valid answer, and every file
// parses.
func (t *Template) Check() error {
	for _, q := range t.all {
		if _, err := q.pattern(); err != nil {
			return fmt.Errorf("template %s: question %q: %w", t.Name, q.Name, err)
		}
		if q.Required || strings.Contains(q.Default, delimLeft) {
			continue
		}
		if _, err := q.Parse(q.Default); err != nil {
			return fmt.Errorf("template %s: default: %w", t.Name, err)
		}
	}
	if _, err := t.Guesses(func(string) (string, bool) { return "", true }); err != nil {
		return err
	}
	if _, err := t.sources(); err != nil {
		return fmt.Errorf("template %s: %w", t.Name, err)
	}
	return nil
}

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		change map[string]string
		want   string // a part of the error; "" for none
	}{
		{"a default that is made of answers is not judged", svcAsks("{name: a, ask: A, type: int, default: <% .name %>}"), ""},
		{"a pattern that does not compile", svcAsks("{name: a, ask: A, type: string, default: x, pattern: '[a-z'}"), `template svc: question "a": error parsing regexp`},
		{"a pattern that only compiles alone", svcAsks(`{name: a, ask: A, type: string, required: true, pattern: '\Qa'}`), `template svc: question "a": error parsing regexp`},
		{"a default that its pattern refuses", svcAsks("{name: a, ask: A, type: string, default: X, pattern: '[a-z]'}"), `template svc: default: --a "X"`},
		{"a default that is too long", svcAsks("{name: a, ask: A, type: string, default: xyz, max: 2}"), `template svc: default: --a "xyz": want at most 2 characters`},
		{"a default that is not a choice", svcAsks("{name: a, ask: A, type: choice, default: x, choices: [{value: y}]}"), `template svc: default: --a "x": want one of y`},
		{"a default of another type", svcAsks("{name: a, ask: A, type: int, default: x}"), `template svc: default: --a "x": want a whole number`},
		{"an action that is not closed", map[string]string{"svc/files/x.tmpl": "a\n<% if .name %>\n"}, "template svc: template: files/x.tmpl:3: unexpected EOF"},
		{"an unknown function", map[string]string{"svc/files/x.tmpl": `<% env "HOME" %>`}, `template svc: template: files/x.tmpl:1: function "env" not defined`},
		{"broken syntax in a part", map[string]string{"svc/parts/p": "<% end %>"}, "template svc: template: p:1: unexpected {{end}}"},
		{"broken syntax in common", map[string]string{"common/files/x.tmpl": "<% .. %>"}, "template svc: template: files/x.tmpl:1: unexpected <.> in operand"},
		{"a file with and without its ending", map[string]string{"svc/files/x": "a", "svc/files/x.tmpl": "b"}, "template svc: x exists both with and without .tmpl"},
		{"copied files can contain anything", map[string]string{"svc/files/x": "<% if"}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := loadSvc(t, with(templatetest.Files(plain), tt.change)).Check()
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

// questionFields compares questions without the function that compiles their pattern.
var questionFields = cmp.Options{
	cmp.AllowUnexported(Question{}),
	cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".compiled" }, cmp.Ignore()),
}
