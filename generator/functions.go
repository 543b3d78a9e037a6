package generator

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

// fromSprig are the functions a template may call: those that are pure and give the same result everywhere. Left out is
// what reads the environment, the clock or the network, makes random values or keys, or allocates without bounds.
var fromSprig = []string{
	"camelcase", "contains", "default", "empty", "first", "has", "hasPrefix", "hasSuffix", "indent", "join",
	"kebabcase", "last", "list", "lower", "nindent", "replace", "snakecase", "splitList", "ternary", "trim", "trimPrefix",
	"trimSuffix", "trunc", "upper",
}

var functions = sync.OnceValue(func() template.FuncMap {
	all := sprig.HermeticTxtFuncMap()
	funcs := template.FuncMap{"quote": quote, "markdown": markdown}
	for _, name := range fromSprig {
		funcs[name] = all[name]
	}
	return funcs
})

// quote makes a JSON string literal, which is also one of YAML, TOML, JavaScript, Python and Go: they agree on it for
// every text that Question.Parse lets through.
func quote(s string) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(s)
	return strings.TrimSuffix(b.String(), "\n"), err
}

func markdownSpecial() *strings.Replacer {
	pairs := []string{"://", `\://`} // GitHub would link the address with the other backslashes in it
	for _, c := range "\\`*_{}[]<>()#+-.!|~&$@" {
		pairs = append(pairs, string(c), "\\"+string(c))
	}
	return strings.NewReplacer(pairs...)
}

// markdown escapes a text so that Markdown shows it as it is.
func markdown(s string) string { return markdownSpecial().Replace(s) }
