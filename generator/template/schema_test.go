package template

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

// manifestSchema returns the result of validating a manifest with a schema.
func manifestSchema(t *testing.T) func(manifest []byte) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("template.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("template.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(manifest []byte) error {
		var value any
		if err := yaml.Load(manifest, &value); err != nil {
			return err
		}
		data, err := json.Marshal(value)
		if err != nil {
			return err
		}
		value, err = jsonschema.UnmarshalJSON(strings.NewReader(string(data)))
		if err != nil {
			return err
		}
		return compiled.Validate(value)
	}
}

// The schema and check find the same problems, except those that depend on the base.
func TestSchemaAgreesWithLint(t *testing.T) {
	t.Parallel()
	const question = "about: a\nversion: 1\nextends: base\nquestions:\n  - "
	validate := manifestSchema(t)
	for _, tt := range []struct {
		manifest string
		valid    bool
	}{
		{"about: a\nversion: 1\nextends: base\n", true},
		{"about: 3\nversion: 1\nextends: base\ndefaults: {ci: github, image: 12}\nanswers: {name: hello}\ndrop: [README.md, etc/]\nnext: [make]\n", true},
		{"about: a\nversion: 1\nextends: base\nmoved: {old: README.md}\nsigns: [go.mod]\nadopt: [[README.md]]\n", true},
		{"extends: base\nreserved: [{question: name, because: is a word, words: a b}]\n", true},
		{"extends: base\nguess: [{question: ci, file: .github/, value: github}, {question: name, file: x, pattern: '(.*)'}]\n", true},
		{question + "{name: a_1, ask: A, hint: h, group: g, type: string, pattern: '[a-z]+', max: 3, default: abc}\n", true},
		{question + "{name: a, ask: A, type: int, default: 3}\n", true},
		{question + "{name: a, ask: A, type: bool, default: true, required: false}\n", true},
		{question + "{name: a, ask: A, type: string, required: true}\n", true},
		{question + "{name: a, ask: A, type: choice, default: x, choices: [{value: x, about: y}, {value: 3}]}\n", true},
		{question + "{name: a, ask: A, type: string, default: <% .name %>}\n", true},

		{"- a\n", false},
		{"text\n", false},
		{"about: a\n", false},
		{"version: 1\n", false},
		{"about: a\nversion: 0\n", false},
		{"about: a\nversion: -1\n", false},
		{"about: a\nversion: one\n", false},
		{"about: a\nversion: '1'\n", false},
		{"about: a\nversion: 1.5\n", false},
		{"about: [a]\nversion: 1\n", false},
		{"about: ''\nversion: 1\n", false},
		{"about: a\nversion: 1\nextends: [base]\n", false},
		{"about: a\nversion: 1\nabuot: b\n", false},
		{"about: a\nversion: 1\ndrop: [x]\n", false},
		{"about: a\nversion: 1\ndefaults: {a: b}\n", false},
		{"about: a\nversion: 1\nanswers: {a: b}\n", false},
		{"extends: base\ndrop: etc/\n", false},
		{"extends: base\ndrop: ['']\n", false},
		{"extends: base\ndefaults: [ci]\n", false},
		{"extends: base\ndefaults: {ci: [github]}\n", false},
		{"extends: base\ndefaults: {ci: ''}\n", false},
		{"extends: base\nnext: make\n", false},
		{"extends: base\nmoved: [a]\n", false},
		{"extends: base\nmoved: {a: ''}\n", false},
		{"extends: base\nsigns: ['']\n", false},
		{"extends: base\nadopt: [README.md]\n", false},
		{"extends: base\nadopt: [[]]\n", false},
		{"extends: base\nguess: [{question: ci, value: github}]\n", false},
		{"extends: base\nguess: [{question: ci, file: x}]\n", false},
		{"extends: base\nguess: [{question: ci, file: x, value: github, other: x}]\n", false},
		{"extends: base\nreserved: [{question: name, words: a}]\n", false},
		{"extends: base\nreserved: [{question: name, because: x}]\n", false},
		{"extends: base\nreserved: [{because: x, words: a}]\n", false},
		{"extends: base\nreserved: [{question: name, because: x, words: [a]}]\n", false},
		{question + "text\n", false},
		{question + "{ask: A, type: string, default: x}\n", false},
		{question + "{name: A, ask: A, type: string, default: x}\n", false},
		{question + "{name: template, ask: A, type: string, default: x}\n", false},
		{question + "{name: a, type: string, default: x}\n", false},
		{question + "{name: a, ask: A, default: x}\n", false},
		{question + "{name: a, ask: A, type: text, default: x}\n", false},
		{question + "{name: a, ask: A, tpye: string, default: x}\n", false},
		{question + "{name: a, ask: A, type: string}\n", false},
		{question + "{name: a, ask: A, type: string, default: ''}\n", false},
		{question + "{name: a, ask: A, type: string, default: x, required: true}\n", false},
		{question + "{name: a, ask: A, type: string, required: maybe}\n", false},
		{question + "{name: a, ask: A, type: int, default: 1, pattern: x}\n", false},
		{question + "{name: a, ask: A, type: int, default: 1, max: 1}\n", false},
		{question + "{name: a, ask: A, type: string, default: x, max: -1}\n", false},
		{question + "{name: a, ask: A, type: string, default: x, max: many}\n", false},
		{question + "{name: a, ask: A, type: choice, default: x}\n", false},
		{question + "{name: a, ask: A, type: choice, default: x, choices: []}\n", false},
		{question + "{name: a, ask: A, type: choice, default: x, choices: [x]}\n", false},
		{question + "{name: a, ask: A, type: choice, default: x, choices: [{value: x}, {about: y}]}\n", false},
		{question + "{name: a, ask: A, type: choice, default: x, choices: [{value: x, abuot: y}]}\n", false},
		{question + "{name: a, ask: A, type: string, default: x, choices: [{value: x}]}\n", false},
	} {
		err := validate([]byte(tt.manifest))
		if valid := err == nil; valid != tt.valid {
			t.Errorf("%sthe schema: valid %v, want %v: %v", tt.manifest, valid, tt.valid, err)
		}
		found := lintText(t, Lint{}, "-- own/template.yaml --\n"+tt.manifest+"-- own/files/x.tmpl --\n<% .a %><% .a_1 %>\n")
		found = slices.DeleteFunc(found, func(f string) bool {
			return !strings.HasPrefix(f, "template.yaml:") || strings.Contains(f, ": warning: ")
		})
		if valid := len(found) == 0; valid != tt.valid {
			t.Errorf("%slint: valid %v, want %v: %q", tt.manifest, valid, tt.valid, found)
		}
	}
}

// TestSchemaHasEveryKey compares the schema with what the loader reads.
func TestSchemaHasEveryKey(t *testing.T) {
	t.Parallel()
	type object struct {
		Properties map[string]struct{ Description string }
	}
	var top struct {
		object
		Defs map[string]object `json:"$defs"`
	}
	if err := json.Unmarshal([]byte(Schema()), &top); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		object object
		read   any
	}{
		"manifest": {top.object, manifest{}},
		"question": {top.Defs["question"], Question{}},
		"choice":   {top.Defs["choice"], Choice{}},
		"guess":    {top.Defs["guess"], Guess{}},
		"reserved": {top.Defs["reserved"], reserved{}},
	} {
		var keys []string
		for key, p := range tt.object.Properties {
			if keys = append(keys, key); p.Description == "" {
				t.Errorf("%s: %s has no description", name, key)
			}
		}
		want := keysOf(reflect.TypeOf(tt.read))
		slices.Sort(keys)
		slices.Sort(want)
		if diff := cmp.Diff(want, keys); diff != "" {
			t.Errorf("%s (-read +in the schema):\n%s", name, diff)
		}
	}
}

func TestSchemaAcceptsTheBuiltInTemplates(t *testing.T) {
	t.Parallel()
	validate := manifestSchema(t)
	found, err := filepath.Glob("../../templates/*/template.yaml")
	if err != nil || len(found) < 4 {
		t.Fatalf("found %q: %v", found, err)
	}
	for _, name := range found {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(data); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
