package generator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"html"
	"strconv"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"go.yaml.in/yaml/v4"
)

// hostile are texts that Question.Parse takes and that mean something in some file.
var hostile = []string{
	"A web service",
	`it's "quoted" and ` + "`so`",
	`"`, `'`, `\`, `\"`, `\\`, `""`, `'''`, `"""`, `\n`, `\u0041`, `\x41`, `\N{DASH}`, `%s %d %%`, `a\`,
	`<% .name %>`, `<%`, `%>`, `<%- end -%>`, `{{ .name }}`, `{{`, `${name}`, `$name`, `$(name)`, `${{ name }}`, `<< name >>`, `[[ name ]]`,
	"`name`", `</script><script>`, `<!-- a -->`, `*/ x /*`, `// x`, `# x`, `-- x`, `a # b`, `a: b`, `a:`, `: a`, `- a`, `? a`, `! a`, `& a`, `* a`, `@ a`, `| a`, `> a`, `%a`, `---`, `...`, `===`, `***`, `~~~`, "```",
	`{}`, `[]`, `{a: b}`, `[a, b]`, `,`, `;`, `a; reboot`, `a && b`, `a | b`, `> /a`, `!!python/object:a`, `&a`, `*a`, `<<`, `=`, `~`,
	`null`, `true`, `no`, `on`, `y`, `NaN`, `.inf`, `0`, `-0`, `007`, `0x1F`, `1e3`, `1_000`, `1:30`, `2024-01-01`, `12:30:45`, `0.1.2`,
	`1. a`, `1) a`, `+ a`, `[a](b)`, `![a](b)`, `[^1]`, `[ ] a`, `| a | b |`, `|---|`, `a@b.com`, `@name`, `#1`, `:smile:`, `$a$`, `~~a~~`, `__a__`, `&amp;`, `&#65;`, `www.example.com`, `https://example.com/a_b?c=d&e`, `<https://a.b>`,
	"héllo", "猫", "שלום", "e\u0301", "👩\u200d💻", "❤\ufe0f", "a\u00a0b", "a  b", "\U0001D11E", "\ufffd",
	strings.Repeat(`\"`, 100), strings.Repeat("💥", 200), // the most that an answer has
}

// refused are texts that no file may hold.
var refused = []string{
	"", " ", " a", "a ", "a\nb", "a\r\nb", "a\tb", "a\x00b", "\x1b[2J", "a\x7fb", "a\u0080b", "a\u0085b", "a\u2028b", "a\u2029b", "a\u202eb", "a\u2066b",
	"\ufeffa", "a\u200bb", "\u200d", "a\u3164b", "a\ufe0fb", "\u2800", "a\ue000b", "a\uffffb", "a\xffb", "\xed\xa0\x80", "\xc0\xaf", strings.Repeat("a", defaultMax+1), strings.Repeat("a", 10_000),
}

const escaping = `
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

// readers get the description back from the files of the template above.
var readers = map[string]func(data []byte, name string) (string, error){
	"a.json": func(data []byte, name string) (string, error) { return fields(json.Unmarshal, data, name) },
	"a.toml": func(data []byte, name string) (string, error) { return fields(toml.Unmarshal, data, name) },
	"a.yaml": func(data []byte, name string) (string, error) {
		return fields(func(data []byte, v any) error { return yaml.Load(data, v, yaml.WithKnownFields()) }, data, name)
	},
	"a.go": func(data []byte, _ string) (string, error) {
		f, err := parser.ParseFile(token.NewFileSet(), "a.go", data, parser.SkipObjectResolution)
		if err != nil {
			return "", err
		}
		spec := f.Decls[0].(*ast.GenDecl).Specs[0].(*ast.ValueSpec)
		return strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
	},
	"a.js": func(data []byte, _ string) (string, error) { return literal(data, "export const text = ", ";\n") },
	"a.py": func(data []byte, _ string) (string, error) { return literal(data, "text = ", "\n") },
	"a.md": func(data []byte, name string) (string, error) {
		return readMarkdown(data, "<h1>"+name+"</h1>\n<p>", "</p>\n")
	},
	"a.txt": func(data []byte, _ string) (string, error) { return strings.TrimSuffix(string(data), "\n"), nil },
}

func fields(unmarshal func([]byte, any) error, data []byte, name string) (string, error) {
	got := map[string]any{}
	if err := unmarshal(data, &got); err != nil {
		return "", err
	}
	text, ok := got["text"].(string)
	if !ok || got["name"] != name || len(got) != 2 {
		return "", fmt.Errorf("got %#v, want the name and a text", got)
	}
	return text, nil
}

// literal reads a string literal that has no escape but that of a quote and of a backslash: those mean the same in
// JavaScript, Python and every other language.
func literal(data []byte, before, after string) (string, error) {
	s, ok := strings.CutPrefix(string(data), before+`"`)
	s, ok2 := strings.CutSuffix(s, `"`+after)
	if !ok || !ok2 || strings.ContainsAny(s, "\n\r\u2028\u2029") {
		return "", fmt.Errorf("got %q, want a literal on one line", data)
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '"' || s[i] == '\\' && (i+1 == len(s) || s[i+1] != '"' && s[i+1] != '\\') {
			return "", fmt.Errorf("got %q, which ends early or has another escape", data)
		}
		if s[i] == '\\' {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), nil
}

var gfm = goldmark.New(goldmark.WithExtensions(extension.GFM, extension.Footnote))

// readMarkdown returns what is shown between two pieces of HTML, which must have no mark-up.
func readMarkdown(data []byte, before, after string) (string, error) {
	var b bytes.Buffer
	if err := gfm.Convert(data, &b); err != nil {
		return "", err
	}
	s, ok := strings.CutPrefix(b.String(), before)
	s, ok2 := strings.CutSuffix(s, after)
	if !ok || !ok2 || strings.ContainsAny(s, "<>") {
		return "", fmt.Errorf("got %q, want plain text after %q and before %q", b.String(), before, after)
	}
	return html.UnescapeString(s), nil
}

// The seeds must be on the side they stand for, else they prove nothing.
func TestHostileTextsAreTakenAndOthersRefused(t *testing.T) {
	t.Parallel()
	for _, text := range hostile {
		if _, err := textQuestion.Parse(text); err != nil {
			t.Errorf("hostile: %v", err)
		}
	}
	for _, text := range refused {
		if _, err := textQuestion.Parse(text); err == nil {
			t.Errorf("%q is taken", text)
		}
	}
}
