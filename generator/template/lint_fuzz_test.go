package template

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"dockerflow/generator/template/templatetest"
)

// FuzzLint checks that each finding is at a position in its file, and that there is a finding if loading or rendering
// fails.
func FuzzLint(f *testing.F) {
	const head = "about: a\nversion: 1\nextends: base\n"
	for _, manifest := range []string{
		"", head, head + "questions:\n  - {name: a, ask: A, type: string, default: <% .name %>}\n", "a: [", head + "drop: [x]\n",
		head + "defaults: &x {ci: github}\nanswers: *x\n", head + "defaults:\n  image: >-\n    é <%\n    .nmae %>\n", head + "questions: [a]\n",
		head + "moved: {a: b, b: a}\nguess: [{question: ci, file: x, pattern: '('}]\nadopt: [[]]\n", "\xff", "- a\n", "about: a\n---\n", "\r\r0",
	} {
		f.Add(manifest, "<% .name %>")
	}
	for _, text := range []string{
		"<%", "%>", "<% if", "<% if .a %><% else %><% end %>", "<%- /* a */ -%>", "<%/*", "<% \"%>\" %>", "<% `\n` %> <% .x", "é\n<% $x.y.z | f %>",
		"<% template \"files/x.tmpl\" . %>", "<% define \"a\" %><% template \"b\" %><% end %>", "<% block \"a\" . %><% .b %><% end %>", "<% break %>",
		"<% range $i, $x := . %><% $i %><% end %>", "<% with $ %><% .nmae %><% end %>", "<% index . \"a\" %>", "<% (.a).b %>", "<% '", "<% 1.e %>",
	} {
		f.Add(head, text)
	}
	bases := templatetest.Files(lintBase)
	base := func(name string) (*Template, error) { return LoadNamed(bases, name, nil) }
	f.Fuzz(func(t *testing.T, manifest, text string) {
		own := fstest.MapFS{manifestFile: {Data: []byte(manifest)}, "files/x.tmpl": {Data: []byte(text)}, "parts/p": {Data: []byte(text)}}
		faulty := false
		for _, found := range (Lint{Bases: base}).Run(t.Context(), own, "own") {
			faulty = faulty || !found.Warning
			data, err := fs.ReadFile(own, found.Path)
			if err != nil {
				t.Fatalf("%v: %v", found, err)
			}
			if at := offsetOf(string(data), found.Line, found.Column); found.Line < 1 || found.Column < 1 || at > len(data) {
				t.Errorf("%v is nowhere", found)
			}
			if strings.ContainsAny(manifest, "\r\u0085\u2028\u2029") {
				continue // in YAML, these characters can end a line
			}
			if line, _ := lineColumn(string(data), len(data)); found.Line > line+1 {
				t.Errorf("%v is after the end of line %d", found, line)
			}
		}
		template, err := LoadOne(own, "own", nil, base)
		if err == nil && template.About != "" {
			var answers Answers
			if answers, err = template.Resolve(map[string]string{"name": "hello"}); err == nil {
				_, err = template.Render(answers)
			}
		}
		if err != nil && !faulty {
			t.Errorf("no findings, but: %v", err)
		}
	})
}
