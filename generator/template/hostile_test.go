package template

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

	"dockerflow/generator/template/templatetest"
)

// refused are texts that no file may contain.
var refused = []string{
	"", " ", " a", "a ", "a\nb", "a\r\nb", "a\tb", "a\x00b", "\x1b[2J", "a\x7fb", "a\u0080b", "a\u0085b", "a\u2028b", "a\u2029b", "a\u202eb", "a\u2066b",
	"\ufeffa", "a\u200bb", "\u200d", "a\u3164b", "a\ufe0fb", "\u2800", "a\ue000b", "a\uffffb", "a\xffb", "\xed\xa0\x80", "\xc0\xaf", strings.Repeat("a", defaultMax+1), strings.Repeat("a", 10_000),
}

// readers read the description back from the files of the template above.
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

// literal parses a string literal whose only escapes are a quote and a backslash: these have the same meaning in
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

// readMarkdown returns the text that is shown between two pieces of HTML, which must contain no markup.
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

// Each seed must be accepted or refused as expected, or it proves nothing.
func TestHostileTextsAreTakenAndOthersRefused(t *testing.T) {
	t.Parallel()
	for _, text := range templatetest.Hostile {
		if _, err := textQuestion.Parse(text); err != nil {
			t.Errorf("hostile: %v", err)
		}
	}
	for _, text := range refused {
		if _, err := textQuestion.Parse(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
}
