package template

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"dockerflow/generator/template/templatetest"
	"dockerflow/generator/tree/treetest"
)

// brought are templates that a team's template can extend.
const brought = `
-- common/template.yaml --
questions:
  - {name: name, ask: Name, type: string, pattern: '[a-z]+', required: true}
  - {name: owner, ask: Owner, type: string, default: example}
  - {name: image, ask: Image, type: string, default: <% .owner %>/<% .name %>}
  - {name: ci, ask: CI, type: choice, default: circle, choices: [{value: circle}, {value: github}]}
adopt: [[Dockerfile]]
guess: [{question: owner, file: OWNER, pattern: '(.+)'}]
-- common/files/LICENSE --
MPL
-- common/files/README.md.tmpl --
# <% .name %>
<% template "how" . %>
-- common/parts/how --
make
-- svc/template.yaml --
about: a service
version: 3
extends: common
next: [make test]
moved: {old: main.c}
signs: [main.c]
-- svc/files/Dockerfile --
FROM scratch
-- svc/files/src/main.c --
int main;
-- svc/files/src/tests/a.c --
int a;
`

// laidOver returns a team's template that extends one of brought.
func laidOver(t *testing.T, team map[string]string) (*Template, error) {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, data := range team {
		fsys[name] = &fstest.MapFile{Data: []byte(data)}
	}
	return LoadOne(fsys, "team", nil, func(name string) (*Template, error) { return LoadNamed(templatetest.Files(brought), name, nil) })
}

func mustLayOver(t *testing.T, team map[string]string) *Template {
	t.Helper()
	team["template.yaml"] = "about: ours\nversion: 7\nextends: svc\n" + team["template.yaml"]
	tmpl, err := laidOver(t, team)
	if err != nil {
		t.Fatal(err)
	}
	if err := tmpl.Check(); err != nil {
		t.Fatal(err)
	}
	return tmpl
}

func TestATeamsLayer(t *testing.T) {
	t.Parallel()
	base := map[string]string{
		"LICENSE": "MPL\n", "README.md": "# a\nmake\n\n", "Dockerfile": "FROM scratch\n", "src/main.c": "int main;\n", "src/tests/a.c": "int a;\n",
	}
	tests := []struct {
		name  string
		team  map[string]string
		want  map[string]string // the differences from base
		given map[string]string
	}{
		{"no files of its own", map[string]string{}, nil, nil},
		{"a file is added", map[string]string{"files/CODEOWNERS": "* @us\n"}, map[string]string{"CODEOWNERS": "* @us\n"}, nil},
		{"a file overrides another", map[string]string{"files/Dockerfile.tmpl": "FROM <% .image %>\n"}, map[string]string{"Dockerfile": "FROM example/a\n"}, nil},
		{"a rendered file gives way to a copied one", map[string]string{"files/README.md": "<% x"}, map[string]string{"README.md": "<% x"}, nil},
		{"a blank file removes it", map[string]string{"files/LICENSE.tmpl": "<%/* none */%>"}, map[string]string{"LICENSE": treetest.Gone}, nil},
		{"a part overrides another", map[string]string{"parts/how.tmpl": "just <% .name %>"}, map[string]string{"README.md": "# a\njust a\n"}, nil},
		{"a file is dropped", map[string]string{"template.yaml": "drop: [LICENSE]\n"}, map[string]string{"LICENSE": treetest.Gone}, nil},
		{"a rendered file is dropped by its output path", map[string]string{"template.yaml": "drop: [README.md]\n"}, map[string]string{"README.md": treetest.Gone}, nil},
		{"a folder is dropped", map[string]string{"template.yaml": "drop: [src/]\n"}, map[string]string{"src/main.c": treetest.Gone, "src/tests/a.c": treetest.Gone}, nil},
		{"a folder without its slash is not", map[string]string{"template.yaml": "drop: [src]\n"}, nil, nil},
		{"a dropped file can be written again", map[string]string{"template.yaml": "drop: [src/]\n", "files/src/x": "y"}, map[string]string{"src/main.c": treetest.Gone, "src/tests/a.c": treetest.Gone, "src/x": "y"}, nil},
		{"another default", map[string]string{"template.yaml": "defaults: {owner: acme}\n", "files/i.tmpl": "<% .image %>"}, map[string]string{"i": "acme/a"}, nil},
		{"a default gives way to an answer", map[string]string{"template.yaml": "defaults: {owner: acme}\n", "files/i.tmpl": "<% .image %>"}, map[string]string{"i": "us/a"}, map[string]string{"owner": "us"}},
		{"an answer that is fixed", map[string]string{"template.yaml": "answers: {image: 'reg/<% .owner %>', ci: github}\n", "files/i.tmpl": "<% .image %> <% .ci %>"}, map[string]string{"i": "reg/example github"}, nil},
		{"a fixed answer that a later default follows", map[string]string{"template.yaml": "answers: {owner: acme}\n", "files/i.tmpl": "<% .image %>"}, map[string]string{"i": "acme/a"}, nil},
		{"a default for a required question", map[string]string{"template.yaml": "defaults: {name: b}\n"}, nil, nil},
		{"a question of its own", map[string]string{"template.yaml": "questions: [{name: region, ask: Region, type: string, default: eu}]\n", "files/r.tmpl": "<% .region %>"}, map[string]string{"r": "eu"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			given := map[string]string{"name": "a"}
			for name, s := range tt.given {
				given[name] = s
			}
			tmpl := mustLayOver(t, tt.team)
			a, err := tmpl.Resolve(given)
			if err != nil {
				t.Fatal(err)
			}
			tree, err := tmpl.Render(a)
			if err != nil {
				t.Fatal(err)
			}
			got, want := map[string]string{}, map[string]string{}
			for p, f := range tree {
				got[p] = string(f.Data)
			}
			for _, m := range []map[string]string{base, tt.want} {
				for p, s := range m {
					if want[p] = s; s == treetest.Gone {
						delete(want, p)
					}
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestAnswersOfTheTemplateAreAskedNoMore checks all ways in which questions reach the user or the record.
func TestAnswersOfTheTemplateAreAskedNoMore(t *testing.T) {
	t.Parallel()
	tmpl := mustLayOver(t, map[string]string{"template.yaml": "answers: {owner: acme}\n"}).WithDefaults(map[string]string{"owner": "other", "ci": "github"})
	for _, q := range append(tmpl.Questions, tmpl.Missing(map[string]string{})...) {
		if q.Name == "owner" {
			t.Errorf("asked: %+v", q)
		}
	}
	if _, err := tmpl.Resolve(map[string]string{"name": "a", "owner": "us"}); err == nil || err.Error() != "template team does not ask for owner" {
		t.Errorf("got %v for a fixed answer", err)
	}
	if guesses, err := tmpl.Guesses(func(string) (string, bool) { return "us", true }); len(guesses) > 0 || err != nil {
		t.Errorf("guessed: %v, %v", guesses, err)
	}
	a, err := tmpl.Resolve(map[string]string{"name": "a"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Answers{"name": "a", "owner": "acme", "image": "acme/a", "ci": "github"}, a); diff != "" {
		t.Error(diff)
	}
	if slices.ContainsFunc(tmpl.Questions, func(q Question) bool { return q.Name == "owner" }) {
		t.Error("the record asks a question that the template answers itself")
	}
	for _, q := range tmpl.Questions {
		if q.Name == "image" && tmpl.Suggest(q, map[string]string{"name": "b"}) != "acme/b" {
			t.Errorf("got %q", tmpl.Suggest(q, map[string]string{"name": "b"}))
		}
	}
}

func TestExtendingDoesNotChangeTheBase(t *testing.T) {
	t.Parallel()
	base, err := LoadNamed(templatetest.Files(brought), "svc", nil)
	if err != nil {
		t.Fatal(err)
	}
	before := fmt.Sprintf("%+v", base.all)
	layers := len(base.layers)
	for _, more := range []string{"answers: {owner: acme}", "defaults: {name: b}\nreserved: [{question: name, because: no, words: x}]", "drop: [LICENSE]\nmoved: {LICENSE: L}"} {
		fsys := fstest.MapFS{"template.yaml": {Data: []byte("about: a\nversion: 1\nextends: svc\n" + more + "\n")}}
		if _, err := LoadOne(fsys, "team", nil, func(string) (*Template, error) { return base, nil }); err != nil {
			t.Fatal(err)
		}
	}
	if after := fmt.Sprintf("%+v", base.all); after != before || len(base.layers) != layers || len(base.Moved) != 1 {
		t.Errorf("it was\n%s\nand is\n%s, %v", before, after, base.Moved)
	}
}

func TestWhatALayerInherits(t *testing.T) {
	t.Parallel()
	tmpl := mustLayOver(t, map[string]string{})
	if diff := cmp.Diff([]string{"make test"}, tmpl.Next); diff != "" {
		t.Error(diff)
	}
	if !tmpl.Recognises(func(p string) bool { return p == "main.c" }) || tmpl.Moved["old"] != "main.c" {
		t.Errorf("signs and moves of the base are gone: %+v", tmpl)
	}
	if diff := cmp.Diff(map[string]int{"svc": 3}, tmpl.Extends); diff != "" {
		t.Error(diff)
	}
	if own := mustLayOver(t, map[string]string{"template.yaml": "next: [just]\n"}); own.Next[0] != "just" {
		t.Errorf("got %v", own.Next)
	}
}

func TestTooManyLayers(t *testing.T) {
	t.Parallel()
	var base *Template
	for i := range MaxLayers + 1 {
		extends := ""
		if i > 0 {
			extends = "extends: below\n"
		}
		fsys := fstest.MapFS{"template.yaml": {Data: []byte("about: a\nversion: 1\n" + extends)}, "files/x": {Data: []byte("y")}}
		below := base
		next, err := LoadOne(fsys, fmt.Sprintf("layer%d", i), nil, func(string) (*Template, error) { return below, nil })
		if i == MaxLayers {
			if err == nil || !strings.Contains(err.Error(), "want at most 8 templates that extend each other") {
				t.Errorf("got %v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		base = next
	}
}
