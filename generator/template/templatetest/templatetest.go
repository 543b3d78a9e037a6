// Package templatetest has sample templates and hostile texts for tests.
package templatetest

import (
	"strings"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

// Files returns a file system with the files of a txtar text.
func Files(text string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for _, f := range txtar.Parse([]byte(text)).Files {
		fsys[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return fsys
}

// Asking is a template with questions of all types, in txtar format.
const Asking = `
-- common/template.yaml --
questions:
  - {name: name, ask: Name, type: string, pattern: '[a-z]+', hint: small letters, required: true}
  - {name: owner, ask: Owner, type: string, default: example}
  - {name: image, ask: Image, type: string, default: <% lower .owner %>/<% .name %>}
-- common/files/README.md.tmpl --
# <% .name %>
-- svc/template.yaml --
about: a service
extends: common
version: 3
questions:
  - {name: module, ask: Module, type: string, required: true}
  - {name: port, ask: Port, type: int, default: '8000'}
  - {name: metrics, ask: Metrics, type: bool, default: 'true'}
  - {name: ci, ask: CI, type: choice, default: none, choices: [{value: none}, {value: github}]}
-- svc/files/.keep --
`

// Hostile are texts that Question.Parse accepts and that have a special meaning in some kind of file.
var Hostile = []string{
	"A web service",
	`it's "quoted" and ` + "`so`",
	`"`, `'`, `\`, `\"`, `\\`, `""`, `'''`, `"""`, `\n`, `\u0041`, `\x41`, `\N{DASH}`, `%s %d %%`, `a\`,
	`<% .name %>`, `<%`, `%>`, `<%- end -%>`, `{{ .name }}`, `{{`, `${name}`, `$name`, `$(name)`, `${{ name }}`, `<< name >>`, `[[ name ]]`,
	"`name`", `</script><script>`, `<!-- a -->`, `*/ x /*`, `// x`, `# x`, `-- x`, `a # b`, `a: b`, `a:`, `: a`, `- a`, `? a`, `! a`, `& a`, `* a`, `@ a`, `| a`, `> a`, `%a`, `---`, `...`, `===`, `***`, `~~~`, "```",
	`{}`, `[]`, `{a: b}`, `[a, b]`, `,`, `;`, `a; reboot`, `a && b`, `a | b`, `> /a`, `!!python/object:a`, `&a`, `*a`, `<<`, `=`, `~`,
	`null`, `true`, `no`, `on`, `y`, `NaN`, `.inf`, `0`, `-0`, `007`, `0x1F`, `1e3`, `1_000`, `1:30`, `2024-01-01`, `12:30:45`, `0.1.2`,
	`1. a`, `1) a`, `+ a`, `[a](b)`, `![a](b)`, `[^1]`, `[ ] a`, `| a | b |`, `|---|`, `a@b.com`, `@name`, `#1`, `:smile:`, `$a$`, `~~a~~`, `__a__`, `&amp;`, `&#65;`, `www.example.com`, `https://example.com/a_b?c=d&e`, `<https://a.b>`,
	"héllo", "猫", "שלום", "e\u0301", "👩\u200d💻", "❤\ufe0f", "a\u00a0b", "a  b", "\U0001D11E", "\ufffd",
	strings.Repeat(`\"`, 100), strings.Repeat("💥", 200), // the maximum length of an answer
}

// Escaping is a template that writes answers to files of many formats, in txtar format.
const Escaping = `
-- common/template.yaml --
questions:
  - {name: name, ask: Name, type: string, pattern: '[a-z][a-z0-9]*(-[a-z0-9]+)*', max: 63, required: true}
  - {name: description, ask: Description, type: string, required: true}
reserved: [{question: name, because: is a keyword, words: con go}]
-- common/files/a.json.tmpl --
{"name": <% quote .name %>, "text": <% quote .description %>}
-- common/files/a.yaml.tmpl --
name: <% quote .name %>
text: <% quote .description %> # comment
-- common/files/a.toml.tmpl --
name = <% quote .name %>
text = <% quote .description %> # comment
-- svc/template.yaml --
about: a service
extends: common
version: 1
-- svc/files/a.go.tmpl --
package a

const text = <% quote .description %>
-- svc/files/a.js.tmpl --
export const text = <% quote .description %>;
-- svc/files/a.py.tmpl --
text = <% quote .description %>
-- svc/files/a.md.tmpl --
# <% markdown .name %>

<% markdown .description %>
-- svc/files/a.txt.tmpl --
<% .description %>
`
