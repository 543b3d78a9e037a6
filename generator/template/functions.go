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

// fromSprig are the sprig functions that a template may call: pure functions with the same result on every system.
// Functions that read the environment, the clock or the network, that create random values or keys, or that allocate
// without limit are left out. The time of each is linear in the length of its arguments.
var fromSprig = []string{
	"camelcase", "contains", "default", "empty", "first", "has", "hasPrefix", "hasSuffix", "indent", "join",
	"kebabcase", "last", "lower", "nindent", "replace", "snakecase", "splitList", "ternary", "trim", "trimPrefix",
	"trimSuffix", "trunc", "upper",
}

// builtins are the functions of text/template that need no metering: they allocate nothing. call is left out.
var builtins = []string{"and", "eq", "ge", "gt", "index", "le", "len", "lt", "ne", "not", "or", "slice"}

// functions are all metered functions, by name: sprig's, our own, and those of text/template that return texts.
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

// callable has the names that the parser accepts. It does not include tick.
var callable = sync.OnceValue(func() map[string]any {
	names := maps.Clone(map[string]any(functions()))
	for _, name := range builtins {
		names[name] = true
	}
	return names
})

func list(items ...any) []any { return items }

// Quote returns a JSON string literal. It is also valid in YAML, TOML, JavaScript, Python and Go, with the same
// meaning for every text that Question.Parse accepts.
func Quote(s string) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(s)
	return strings.TrimSuffix(b.String(), "\n"), err
}

var markdownSpecial = sync.OnceValue(func() *strings.Replacer {
	pairs := []string{"://", `\://`} // with the other backslashes in it, GitHub would turn the address into a link
	for _, c := range "\\`*_{}[]<>()#+-.!|~&$@" {
		pairs = append(pairs, string(c), "\\"+string(c))
	}
	return strings.NewReplacer(pairs...)
})

// markdown escapes a text so that Markdown shows it literally.
func markdown(s string) string { return markdownSpecial().Replace(s) }

// Functions returns all functions that a template may call, by name. Those of the template language itself are nil.
func Functions() map[string]any {
	all := maps.Clone(map[string]any(functions()))
	for _, name := range builtins {
		all[name] = nil
	}
	return all
}
