package template

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

// fromSprig are the functions of sprig that a template may call: those that are pure and give the same result everywhere.
// Left out is what reads the environment, the clock or the network, makes random values or keys, or allocates without
// bounds. Each takes time in line with the length of its arguments.
var fromSprig = []string{
	"camelcase", "contains", "default", "empty", "first", "has", "hasPrefix", "hasSuffix", "indent", "join",
	"kebabcase", "last", "lower", "nindent", "replace", "snakecase", "splitList", "ternary", "trim", "trimPrefix",
	"trimSuffix", "trunc", "upper",
}

// builtins are the functions of text/template that need no metering: they make nothing. call is left out.
var builtins = []string{"and", "eq", "ge", "gt", "index", "le", "len", "lt", "ne", "not", "or", "slice"}

// functions are all that is metered, by name: with the own ones, those of text/template that make texts.
var functions = sync.OnceValue(func() template.FuncMap {
	all := sprig.HermeticTxtFuncMap()
	funcs := template.FuncMap{
		"quote": Quote, "markdown": markdown, "list": list,
		"print": fmt.Sprint, "printf": fmt.Sprintf, "println": fmt.Sprintln,
		"html": template.HTMLEscaper, "js": template.JSEscaper, "urlquery": template.URLQueryEscaper,
	}
	for _, name := range fromSprig {
		funcs[name] = all[name]
	}
	return funcs
})

// callable has the names that the parser knows: tick is not among them.
var callable = sync.OnceValue(func() map[string]any {
	names := maps.Clone(map[string]any(functions()))
	for _, name := range builtins {
		names[name] = true
	}
	return names
})

func list(items ...any) []any { return items }

// quote makes a JSON string literal, which is also one of YAML, TOML, JavaScript, Python and Go: they agree on it for
// every text that Question.Parse lets through.
func Quote(s string) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(s)
	return strings.TrimSuffix(b.String(), "\n"), err
}

var markdownSpecial = sync.OnceValue(func() *strings.Replacer {
	pairs := []string{"://", `\://`} // GitHub would link the address with the other backslashes in it
	for _, c := range "\\`*_{}[]<>()#+-.!|~&$@" {
		pairs = append(pairs, string(c), "\\"+string(c))
	}
	return strings.NewReplacer(pairs...)
})

// markdown escapes a text so that Markdown shows it as it is.
func markdown(s string) string { return markdownSpecial().Replace(s) }

// Functions are all that a template may call, by name. Those of the template language itself are nil.
func Functions() map[string]any {
	all := maps.Clone(map[string]any(functions()))
	for _, name := range builtins {
		all[name] = nil
	}
	return all
}
