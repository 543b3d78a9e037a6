package template

import (
	"context"
	"fmt"
	"io/fs"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dockerflow/generator/template/templatetest"
	"dockerflow/generator/tree"
)

// lintBase is the template that the templates of these tests extend.
const lintBase = `
-- base/template.yaml --
about: a base
version: 1
questions:
  - {name: name, ask: Name, type: string, pattern: '[a-z]+', required: true}
  - {name: ci, ask: CI, type: choice, default: none, choices: [{value: none}, {value: github}]}
  - {name: image, ask: Image, type: string, default: acme/<% .name %>}
-- base/files/README.md.tmpl --
# <% .name %> <% .image %>
<% template "more.md" . %>
-- base/files/ci.yml.tmpl --
<% if eq .ci "github" %>on: push
<% end -%>
-- base/files/etc/a --
A
-- base/parts/more.md.tmpl --
More.
`

// lintText lints the template in the folder own of a txtar text.
func lintText(t *testing.T, l Lint, text string) []string {
	t.Helper()
	fsys := templatetest.Files(lintBase + text)
	l.Bases = func(name string) (*Template, error) { return LoadNamed(fsys, name, nil) }
	own, err := fs.Sub(fsys, "own")
	if err != nil {
		t.Fatal(err)
	}
	said := []string{}
	for _, f := range l.Run(t.Context(), own, "own") {
		warning := ""
		if f.Warning {
			warning = "warning: "
		}
		said = append(said, fmt.Sprintf("%s:%d:%d: %s%s", f.Path, f.Line, f.Column, warning, f.Text))
	}
	return said
}

func TestLintFindsEveryFaultAtItsPlace(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []string
	}{
		{"a sound template", `
-- own/template.yaml --
about: a service
extends: base
version: 1
questions:
  - {name: port, ask: Port, type: int, default: '1'}
-- own/files/port.tmpl --
<% .port %> <% $.name %>
`, []string{}},
		{"no manifest", `
-- own/files/a --
`, []string{
			"template.yaml:1:1: there is no template.yaml",
		}},
		{"syntax of YAML", `
-- own/template.yaml --
about: a
version: [
`, []string{
			"template.yaml:3:1: did not find expected node content",
		}},
		{"a tab", `
-- own/template.yaml --
about: a
	version: 1
`, []string{
			"template.yaml:2:1: found a tab character that violates indentation",
		}},
		{"an empty template", `
-- own/template.yaml --
-- own/files/a --
`, []string{
			"template.yaml:1:1: the file is empty",
		}},
		{"a list", `
-- own/template.yaml --
- about
`, []string{
			"template.yaml:1:1: want key: value",
		}},
		{"two documents", `
-- own/template.yaml --
about: a
version: 1
---
-- own/files/a --
`, []string{
			"template.yaml:3:1: want one document, but another one begins here",
		}},
		{"misspelt keys, wrong types, keys twice", `
-- own/template.yaml --
abuot: x
version: one
questions:
  - nmae: a
    ask: [b]
    required: maybe
  - just text
drop: x
defaults: [a]
about: y
about: z
guess:
  - qestion: name
xyz: 1
-- own/files/a --
`, []string{
			`template.yaml:1:1: unknown key "abuot": did you mean about?`,
			"template.yaml:2:10: want a whole number",
			`template.yaml:4:5: unknown key "nmae": did you mean name?`,
			"template.yaml:5:10: want a text",
			"template.yaml:6:15: want true or false",
			"template.yaml:7:5: want key: value",
			"template.yaml:8:7: want a list",
			"template.yaml:9:11: want key: value",
			`template.yaml:11:1: mapping key "about" already defined at line 10`,
			`template.yaml:13:5: unknown key "qestion": did you mean question?`,
			`template.yaml:14:1: unknown key "xyz"`,
		}},
		{"no version", `
-- own/template.yaml --
about: a
-- own/files/a --
`, []string{
			"template.yaml:1:1: want both about and version; the first version is 1",
		}},
		{"no about", `
-- own/template.yaml --
version: 1
-- own/files/a --
`, []string{
			"template.yaml:1:1: want both about and version; the first version is 1",
		}},
		{"a base only", `
-- own/template.yaml --
questions:
  - {name: port, ask: Port, type: int, default: '1'}
-- own/files/a.tmpl --
<% template "theirs" . %>
-- own/parts/mine --
x
`, []string{
			"template.yaml:1:1: warning: without about and version, others can extend this template, but nobody can use it",
		}},
		{"no files", `
-- own/template.yaml --
about: a
version: 1
`, []string{
			"template.yaml:1:1: there is no folder files and no extends: nothing would be written",
		}},
		{"files that are one file", `
-- own/template.yaml --
about: a service
extends: base
version: 1
-- own/files --
x
`, []string{
			"files:1:1: want a folder",
		}},
		{"a base that is not there", `
-- own/template.yaml --
about: a
version: 1
extends: bsae
defaults: {ci: x}
drop: [x]
-- own/files/a.tmpl --
<% .name %><% template "x" . %>
`, []string{
			`template.yaml:3:10: extends "bsae": template bsae: no such template: there is no bsae/template.yaml`,
		}},
		{"questions", `
-- own/template.yaml --
about: a service
version: 1
questions:
  - name: Port
    ask: Port
    type: int
    default: x
  - name: a
    type: strnig
    default: x
  - {name: b, ask: B, type: choice, default: x}
  - {name: c, ask: C, type: choice, default: z, choices: [{value: x}, {value: x}, {about: y}]}
  - {name: d, ask: D, type: string}
  - {name: e, ask: E, type: string, default: x, required: true}
  - {name: f, ask: F, type: string, default: x, pattern: '['}
  - {name: g, ask: G, type: int, default: '1', pattern: 'x', max: 3}
  - {name: h, ask: H, type: bool, default: perhaps}
  - {name: i, ask: I, type: string, default: x, max: -1}
  - {name: i, ask: I, type: string, default: 'y'}
-- own/files/x.tmpl --
<% .a %><% .b %><% .c %><% .d %><% .e %><% .f %><% .g %><% .h %><% .i %>
`, []string{
			`template.yaml:4:11: question "Port": want a name of lower-case letters, digits and underscores`,
			`template.yaml:7:14: "x" is not a valid answer to Port: want a whole number`,
			`template.yaml:8:5: question "a": want ask`,
			`template.yaml:9:11: question "a": type "strnig": want string, int, bool or choice`,
			`template.yaml:11:5: question "b": choices are only for type choice`,
			`template.yaml:12:46: "z" is not a valid answer to c: want one of x, x, `,
			`template.yaml:12:71: question "c": want choices with different, non-empty values`,
			`template.yaml:12:83: question "c": want choices with different, non-empty values`,
			`template.yaml:13:5: question "d": want either required or a default`,
			`template.yaml:14:46: question "e": want either required or a default`,
			"template.yaml:15:58: question \"f\": pattern: error parsing regexp: missing closing ]: `[`",
			`template.yaml:16:57: question "g": pattern is only for type string`,
			`template.yaml:16:67: question "g": max, a number of characters, is only for type string`,
			`template.yaml:17:44: "perhaps" is not a valid answer to h: want true or false`,
			`template.yaml:18:54: question "i": max, a number of characters, is only for type string`,
			`template.yaml:19:12: question "i" is defined twice`,
		}},
		{"a question that the base has", `
-- own/template.yaml --
about: a service
extends: base
version: 1
questions:
  - {name: ci, ask: CI, type: string, default: x}
`, []string{
			`template.yaml:5:12: question "ci" is defined twice; use defaults to change the default of a question of the base`,
		}},
		{"an unused question", `
-- own/template.yaml --
about: a service
extends: base
version: 1
questions:
  - {name: port, ask: Port, type: int, default: '1'}
  - {name: host, ask: Host, type: string, default: h}
  - {name: at, ask: At, type: string, default: <% .host %>}
`, []string{
			`template.yaml:5:12: question "port": its answer is not used`,
			`template.yaml:7:12: question "at": its answer is not used`,
		}},
		{"defaults of other questions", `
-- own/template.yaml --
about: a service
extends: base
version: 1
defaults:
  nmae: x
  ci: gitlab
  image: <% .nam %>/x<% .image %>
answers:
  ci: none
  nobody: x
`, []string{
			`template.yaml:5:3: defaults: the base has no question "nmae"`,
			`template.yaml:6:7: "gitlab" is not a valid answer to ci: want one of none, github`,
			`template.yaml:7:13: unknown variable "nam": did you mean name?`,
			`template.yaml:7:25: "image" is asked later: a default can only use answers before it`,
			"template.yaml:9:3: want each question either in defaults or in answers, not in both",
			`template.yaml:9:7: "gitlab" is not a valid answer to ci: want one of none, github`,
			`template.yaml:10:3: answers: the base has no question "nobody"`,
		}},
		{"invalid answers", `
-- own/template.yaml --
about: a service
extends: base
version: 1
answers:
  ci: gitlab
  name: X
`, []string{
			`template.yaml:5:7: "gitlab" is not a valid answer to ci: want one of none, github`,
			`template.yaml:6:9: "X" is not a valid answer to name: want some text`,
		}},
		{"a default that turns out to be no answer", `
-- own/template.yaml --
about: a service
extends: base
version: 1
questions:
  - name: port
    ask: Port
    type: int
    default: <% .ci %>1
-- own/files/p.tmpl --
<% .port %>
`, []string{
			`template.yaml:8:14: "github1" is not a valid answer to port: want a whole number, with --ci github`,
			`template.yaml:8:14: "none1" is not a valid answer to port: want a whole number`,
		}},
		{"defaults that do not render", `
-- own/template.yaml --
about: a service
extends: base
version: 1
questions:
  - name: a
    ask: A
    type: string
    default: "x <% .name %> <% .b %>"
  - name: b
    ask: B
    type: string
    default: >-
      long
      <% lowr .name %>
  - {name: c, ask: C, type: string, default: '<% if .a %>'}
  - {name: d, ask: D, type: string, default: '<% template "more.md" . %>'}
-- own/files/p.tmpl --
<% .a %><% .b %><% .c %><% .d %>
`, []string{
			`template.yaml:8:32: "b" is asked later: a default can only use answers before it`,
			`template.yaml:14:10: unknown function "lowr": did you mean lower?`,
			"template.yaml:15:47: <% if %> has no <% end %>",
			"template.yaml:16:59: a default is one line, and cannot include a part",
		}},
		{"reserved", `
-- own/template.yaml --
about: a service
extends: base
version: 1
reserved:
  - {question: nobody, because: x, words: y}
  - {question: ci, because: x, words: y}
  - {question: name, words: y}
  - {question: name, because: x}
  - {question: name, because: x, pattern: '('}
  - {question: name, because: x, pattern: 'a.*'}
`, []string{
			`template.yaml:5:16: reserved: no question "nobody"`,
			"template.yaml:6:16: reserved: words are only for questions of type string, and ci is of type choice",
			"template.yaml:7:5: reserved: want because, the reason why a word cannot be the answer",
			"template.yaml:8:5: reserved: want words, separated by spaces, or a pattern",
			"template.yaml:9:43: reserved: pattern: error parsing regexp: missing closing ): `(`",
		}},
		{"guesses", `
-- own/template.yaml --
about: a service
extends: base
version: 1
guess:
  - {question: nobody, file: a, value: x}
  - {question: ci, file: ../a, value: none}
  - {question: ci, file: a, value: gitlab}
  - {question: name, file: a, pattern: 'x'}
  - {question: name, file: a, pattern: '('}
  - {question: name, file: a}
  - {question: name, file: a, pattern: '(x)'}
`, []string{
			`template.yaml:5:16: guess: no question "nobody"`,
			`template.yaml:6:26: path "../a": want a relative UTF-8 path of at most 200 bytes and 32 elements, without empty, . or .. elements`,
			`template.yaml:7:36: guess: "gitlab" is not a valid answer to ci: want one of none, github`,
			"template.yaml:8:40: guess: name: want a group in the pattern, or a value",
			"template.yaml:9:40: guess: name: pattern: error parsing regexp: missing closing ): `(`",
			"template.yaml:10:5: guess: name: want a pattern or a value",
		}},
		{"adopt and signs", `
-- own/template.yaml --
about: a service
extends: base
version: 1
signs: [a//b]
adopt:
  - []
  - [README.md, other]
  - [nothing, nowhere/]
  - [etc/, '..']
`, []string{
			`template.yaml:4:9: path "a//b": want a relative UTF-8 path of at most 200 bytes and 32 elements, without empty, . or .. elements`,
			"template.yaml:6:5: adopt: want paths in each group",
			"template.yaml:8:5: adopt: the template writes no file of this group",
			`template.yaml:9:12: path "..": want a relative UTF-8 path of at most 200 bytes and 32 elements, without empty, . or .. elements`,
		}},
		{"drop", `
-- own/template.yaml --
about: a service
extends: base
version: 1
drop: [etc/, README.md, nothing, ci.yml.tmpl, /x]
`, []string{
			`template.yaml:4:25: drop: the base does not write "nothing"`,
			`template.yaml:4:34: drop: the base does not write "ci.yml.tmpl"`,
			`template.yaml:4:47: drop: path "/x": want a relative UTF-8 path of at most 200 bytes and 32 elements, without empty, . or .. elements`,
		}},
		{"drop of a missing file", `
-- own/template.yaml --
about: a
version: 1
drop: [x]
-- own/files/a --
`, []string{
			"template.yaml:3:7: drop: there is no base to drop files from: want extends",
		}},
		{"moved", `
-- own/template.yaml --
about: a service
extends: base
version: 1
moved:
  README.md: README2.md
  a: b
  b: README.md
  c: ../c
  x: y
  y: x
`, []string{
			`template.yaml:5:3: moved: "README.md" is still written at its old path`,
			`template.yaml:5:3: moved: the template does not write "README2.md"`,
			`template.yaml:8:3: moved: path "../c": want a relative UTF-8 path of at most 200 bytes and 32 elements, without empty, . or .. elements`,
			`template.yaml:9:3: moved: "x" moves back to its old path`,
			`template.yaml:10:3: moved: "y" moves back to its old path`,
		}},
		{"names", `
-- own/template.yaml --
about: a service
extends: base
version: 1
-- own/files/readme.md --
-- own/files/ETC/b --
-- own/files/etc/a/b --
-- own/files/aux.txt --
-- own/files/a:b.tmpl --
-- own/files/x --
-- own/files/x.tmpl --
-- own/files/.dockerflow.yaml --
-- own/files/repo/HEAD.tmpl --
-- own/files/.gitmodules --
-- own/files/ci.yml/z --
`, []string{
			`files/.dockerflow.yaml:1:1: path ".dockerflow.yaml": this name is reserved for dockerflow`,
			`files/.gitmodules:1:1: path ".gitmodules": want no file that changes what git runs`,
			`files/ETC/b:1:1: path "ETC/b": differs from "etc" only in case`,
			`files/a:b.tmpl:1:1: path "a:b": want no invisible character and none of <>:"\|?*`,
			`files/aux.txt:1:1: path "aux.txt": aux.txt is a device on Windows`,
			`files/ci.yml/z:1:1: path "ci.yml/z": "ci.yml" is a file`,
			`files/etc/a/b:1:1: path "etc/a/b": "etc/a" is a file`,
			`files/readme.md:1:1: path "readme.md": differs from "README.md" only in case`,
			`files/repo/HEAD.tmpl:1:1: path "repo/HEAD": want no file HEAD: git could take the folder for a repository`,
			"files/x.tmpl:1:1: exists both with and without .tmpl: the other one is files/x",
		}},
		{"syntax of texts", `
-- own/template.yaml --
about: a service
extends: base
version: 1
-- own/files/a.tmpl --
é <% .name %> <% if %>
-- own/files/b.tmpl --
<% if .name %>
 <% range .name %><% end %>
-- own/files/c.tmpl --
x <% end %>
-- own/files/d.tmpl --
<% .name %>
<% .name
-- own/files/e.tmpl --
<%- /* a %> */ -%> <% "%>" %> <% .name
  | | %>
-- own/files/f.tmpl --
<% $x %> <% "unterminated %>
-- own/parts/more.md.tmpl --
<% .name %> <% else %>
-- own/files/g.tmpl --
<% else if .name %>
-- own/files/h.tmpl --
<% /* open %>
-- own/files/i.tmpl --
a <% template x %>
`, []string{
			"files/a.tmpl:1:15: missing value for if",
			"files/b.tmpl:1:1: <% if %> has no <% end %>",
			"files/c.tmpl:1:3: unexpected <% end %>",
			"files/d.tmpl:2:1: unclosed action",
			`files/e.tmpl:2:3: unexpected "|" in command`,
			`files/f.tmpl:1:1: undefined variable "$x"`,
			"files/g.tmpl:1:1: unexpected <% else %>",
			`files/h.tmpl:1:1: unexpected "/" in command`,
			`files/i.tmpl:1:3: unexpected "x" in template clause`,
			"parts/more.md.tmpl:1:13: unexpected <% else %>",
		}},
		{"unknown names", `
-- own/template.yaml --
about: a service
extends: base
version: 1
-- own/files/a.tmpl --
é <% .nmae %> <% $.nmae.x %> <% lowr .image | uper %>
<% with .name %><% . %> <% .not %> <% $.imag %><% end %>
<% range splitList "," .name %><% .not %><% else %><% .nome.x %><% end %>
<% template "mroe.md" . %> <% index . "nam" %> <% (index . "c i").x %>
<% if eq .CI "github" %><% end %>
-- own/parts/more.md.tmpl --
<% .nme %>
-- own/parts/unused --
<% .nomen %>
`, []string{
			`files/a.tmpl:1:6: unknown variable "nmae": did you mean name?`,
			`files/a.tmpl:1:19: unknown variable "nmae": did you mean name?`,
			`files/a.tmpl:1:33: unknown function "lowr": did you mean lower?`,
			`files/a.tmpl:1:47: unknown function "uper": did you mean upper?`,
			`files/a.tmpl:2:40: unknown variable "imag": did you mean image?`,
			`files/a.tmpl:3:55: unknown variable "nome": did you mean name?`,
			`files/a.tmpl:4:13: unknown part "mroe.md": did you mean more.md?`,
			`files/a.tmpl:4:39: unknown variable "nam": did you mean name?`,
			`files/a.tmpl:4:60: unknown variable "c i": did you mean ci?`,
			`files/a.tmpl:5:10: unknown variable "CI": did you mean ci?`,
			`parts/more.md.tmpl:1:4: unknown variable "nme": did you mean name?`,
			"parts/unused:1:1: no file includes this part",
			`parts/unused:1:4: unknown variable "nomen": did you mean name?`,
		}},
		{"a part with another argument", `
-- own/template.yaml --
about: a service
extends: base
version: 1
-- own/files/a.tmpl --
<% template "p" .name %>
-- own/parts/p --
<% . %> <% $ %>
`, []string{}},
		{"parts that include each other", `
-- own/template.yaml --
about: a service
extends: base
version: 1
-- own/files/a.tmpl --
<% template "p" . %>
-- own/parts/p --
<% template "q" . %>
-- own/parts/q --
x <% template "p" . %>
`, []string{
			`parts/q:1:15: "p" includes itself: files/a.tmpl, p, q, p`,
		}},
		{"rendering that fails", `
-- own/template.yaml --
about: a service
extends: base
version: 1
questions:
  - {name: on, ask: 'On', type: bool, default: 'false'}
-- own/files/a.tmpl --
<% if .on %>é <% .name.first %><% end %>
-- own/files/b.tmpl --
x
<% if eq .ci "github" %><% index .name "a" %><% end %>
-- own/files/c.tmpl --
<% template "p" . %>
-- own/parts/p --
<% trunc .name .name %>
`, []string{
			"files/a.tmpl:1:23: <.name.first>: can't evaluate field first in type interface {}, with --on true",
			`files/b.tmpl:2:28: <index .name "a">: error calling index: cannot index slice/array with type string, with --ci github`,
			"parts/p:1:10: <.name>: wrong type for value; expected int; got string",
		}},
		{"a base that wants parts", `
-- half/template.yaml --
questions: [{name: name, ask: Name, type: string, default: x}]
-- half/files/README.md.tmpl --
<% template "a.md" . %><% template "b.md" . %>
-- own/template.yaml --
about: a service
version: 1
extends: half
-- own/parts/b.md --
b
`, []string{
			"template.yaml:3:10: files/README.md.tmpl of the base includes parts/a.md, which does not exist: add it",
		}},
		{"exceeded limits", `
-- own/template.yaml --
about: a service
extends: base
version: 1
-- own/files/a.tmpl --
<% len (splitList "" (printf "%99999d" 0)) %>
`, []string{
			"files/a.tmpl:1:1: want at most 1 MiB from one function",
		}},
		{"a required question without a known answer", `
-- own/template.yaml --
about: a service
extends: base
version: 1
questions:
  - {name: id, ask: Id, type: string, pattern: '[0-9]{3}', required: true}
-- own/files/a.tmpl --
<% .id %>
`, []string{
			"template.yaml:5:5: warning: nothing was rendered: --id has no default; add a case in golden that answers it",
		}},
		{"the answers as one value", `
-- own/template.yaml --
about: a service
extends: base
version: 1
questions:
  - {name: id, ask: Id, type: int, default: '1'}
-- own/files/a.tmpl --
<% range $k, $v := . %><% $k %><% end %>
`, []string{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, lintText(t, Lint{}, tt.text)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// Required questions get known valid answers, and a rule that a result breaks is reported once, at its source.
func TestLintTriesEachChoiceAndJudgesTheResults(t *testing.T) {
	t.Parallel()
	const text = `
-- own/template.yaml --
about: a service
extends: base
version: 1
questions:
  - {name: id, ask: Id, type: string, pattern: '[0-9]{3}', required: true}
  - {name: db, ask: DB, type: bool, default: 'false'}
-- own/files/copied --
one
two
-- own/files/made.tmpl --
<% .id %><% if .db %> db<% end %>
`
	var tried []string
	l := Lint{Examples: map[string][]string{"id": {"1", "123"}}, Judge: func(_ context.Context, tree tree.Tree) []Broken {
		if _, own := tree["made"]; !own {
			return []Broken{{"README.md", 3, false, "the base's is wrong, and its own fault"}}
		}
		tried = append(tried, fmt.Sprintf("%q, ci %v", tree["made"].Data, tree["ci.yml"].Data != nil))
		broken := []Broken{
			{"copied", 2, false, "copied is wrong"},
			{"made", 1, true, "made is not advised"},
			{"README.md", 1, false, "the base's is wrong"},
			{"README.md", 1, false, "the base's is wrong, and its own fault"},
			{"gone", 0, false, "gone is not there"},
			{"", 0, false, "something is wrong"},
		}
		if _, github := tree["ci.yml"]; github {
			broken = append(broken, Broken{"ci.yml", 1, false, "wrong in one case"})
		}
		return broken
	}}
	want := []string{
		"files/copied:2:1: copied is wrong",
		"files/made.tmpl:1:1: warning: line 1 of the output: made is not advised",
		"template.yaml:2:10: README.md:1: the base's is wrong",
		"template.yaml:2:10: ci.yml:1: wrong in one case, with --ci github",
		"template.yaml:2:10: gone: gone is not there",
		"template.yaml:2:10: something is wrong",
	}
	if diff := cmp.Diff(want, lintText(t, l, text)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	wantTried := []string{`"123\n", ci false`, `"123\n", ci true`, `"123 db\n", ci false`}
	if diff := cmp.Diff(wantTried, tried); diff != "" {
		t.Errorf("tried (-want +got):\n%s", diff)
	}
}
