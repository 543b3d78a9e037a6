package fix

import (
	"encoding/json"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"

	"dockerflow/generator/contract/dockerfile"
)

// execForms turns a CMD or ENTRYPOINT in shell form into its exec form, where the shell does nothing but split words.
func execForms(d dockerfileText) (all []proposedFix) {
	if !splitsOnly(d.nodes) {
		return nil
	}
	for _, n := range d.nodes {
		if !is(n, "cmd", "entrypoint") || n.Attributes["json"] || n.StartLine != n.EndLine || len(n.Heredocs) > 0 {
			continue
		}
		if !sameStart(n, d.nodes) {
			continue
		}
		rest := d.arguments(n)
		words, ok := plainWords(rest)
		if !ok {
			continue
		}
		list, err := json.Marshal(words) // < and > cannot be among them
		if err != nil {
			continue
		}
		line := d.line(n.StartLine)
		form := strings.ReplaceAll(string(list), `","`, `", "`)
		all = append(all, proposedFix{"S4", d.name, strings.ToUpper(n.Value) + " " + form,
			d.with(n.StartLine, strings.Replace(line, rest, form, 1))})
	}
	return all
}

// splitsOnly reports whether the shell is the usual one, and what it is handed to is known: an entry point of the base
// image may do anything with its arguments.
func splitsOnly(nodes []*parser.Node) bool {
	stages := map[string]bool{}
	for _, n := range nodes {
		if is(n, "shell", "onbuild") {
			return false
		}
		if !is(n, "from") || n.Next == nil {
			continue
		}
		image := n.Next.Value
		if !stages[strings.ToLower(image)] && !dockerfile.Official(image) {
			return false
		}
		if as := n.Next.Next; as != nil && as.Next != nil {
			stages[strings.ToLower(as.Next.Value)] = true
		}
	}
	return true
}

// plainInits lists programs that only start their arguments.
var plainInits = []string{"tini", "dumb-init", "catatonit"}

// sameStart reports whether the exec form starts what the shell form started. An ENTRYPOINT in shell form takes no CMD,
// and one in exec form does; a CMD is the arguments of the ENTRYPOINT.
func sameStart(n *parser.Node, nodes []*parser.Node) bool {
	for _, other := range nodes {
		switch {
		case is(n, "entrypoint") && is(other, "cmd"):
			return false
		case is(n, "cmd") && is(other, "entrypoint"):
			if !other.Attributes["json"] || other.Next == nil || !slices.Contains(plainInits, path.Base(other.Next.Value)) {
				return false
			}
			for arg := other.Next.Next; arg != nil; arg = arg.Next {
				if !strings.HasPrefix(arg.Value, "-") {
					return false
				}
			}
		}
	}
	return true
}

// builtins are words that only a shell understands.
var builtins = []string{".", ":", "alias", "break", "case", "cd", "command", "continue", "do", "eval", "exit", "export", "for", "function", "if",
	"local", "read", "readonly", "return", "set", "shift", "source", "time", "times", "trap", "type", "ulimit", "umask", "unalias", "unset", "until", "wait", "while"}

// plainWords splits a command line on which the shell does nothing else: no variable, pipe, pattern or escape.
func plainWords(line string) ([]string, bool) {
	var words []string
	for i := 0; i < len(line); {
		switch c := line[i]; {
		case c == ' ' || c == '\t':
			i++
			continue
		case c == '\'' || c == '"':
			end := strings.IndexByte(line[i+1:], c)
			if end < 0 {
				return nil, false
			}
			word := line[i+1 : i+1+end]
			if i += end + 2; i < len(line) && line[i] != ' ' && line[i] != '\t' || strings.ContainsFunc(word, notQuoted) {
				return nil, false
			}
			words = append(words, word)
		default:
			end := strings.IndexAny(line[i:], " \t")
			if end < 0 {
				end = len(line) - i
			}
			if strings.ContainsFunc(line[i:i+end], notPlain) {
				return nil, false
			}
			words = append(words, line[i:i+end])
			i += end
		}
	}
	if len(words) > 1 && words[0] == "exec" && !strings.HasPrefix(words[1], "-") {
		words = words[1:]
	}
	if len(words) == 0 || words[0] == "" || words[0] == "exec" || strings.Contains(words[0], "=") || slices.Contains(builtins, words[0]) {
		return nil, false
	}
	return words, true
}

// notPlain reports whether a character may mean something to a shell, outside quotes.
func notPlain(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./:@%+,=", r))
}

// notQuoted is notPlain inside quotes of either kind.
func notQuoted(r rune) bool {
	return notPlain(r) && !strings.ContainsRune(" ()[]{}*?;#", r)
}
