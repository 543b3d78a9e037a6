package contract

import (
	"path"
	"slices"
	"strings"

	"dockerflow/generator/budget"
)

// words that stand before a command and are not part of it.
var prefixes = []string{
	"!", "builtin", "command", "do", "elif", "else", "env", "exec", "if", "nice", "nohup", "sudo", "then", "time", "until", "while", "{",
}

// literal stands for a $ that means itself.
const literal = "\x01"

// maxCommands bounds what a script, with the scripts in it, can come to.
const maxCommands = 5000

// commandsWith splits a script into its simple commands, within a budget and where some variables are known. It knows
// quotes, comments, continuations, operators, here documents and the variables that the script itself sets to what can be
// read, no more. A whole shell's grammar would refuse what CI puts into scripts, such as ${{ expressions }}. Shells that
// the script starts are followed down to a depth of 3, counted from the given one.
func commandsWith(b *budget.Budget, script string, env variables, depth int) []command {
	b.Steps(1 + len(script)/4)
	in := strings.NewReplacer("\r\n", "\n", "\\\r\n", "\x00", "\\\n", "\x00").Replace(script)
	s := splitter{in: in, env: env.inner(), budget: b}
	var all []command
	for s.pos < len(s.in) && len(all) < maxCommands {
		if s.next() {
			all = append(all, s.take(depth)...)
		}
	}
	s.endWord()
	return append(all, s.take(depth)...)
}

// named is a variable that is set.
type named struct{ name, value string }

// take ends the command, without what stands before its program. A shell that runs a script gives that script's too.
func (s *splitter) take(depth int) []command {
	s.budget.Steps(3)
	c := s.now
	c.input = s.input.String()
	s.now = command{}
	s.input.Reset()
	var own []named
	before := "" // what was last taken away
	for len(c.words) > 0 {
		w := c.words[0]
		name, value, assigned := assignment(w)
		switch {
		case assigned:
			own = append(own, named{name, expandVariables(s.budget, value, s.env)})
		case slices.Contains(prefixes, w):
			c.exec = c.exec || w == "exec"
		case before != "" && before != "assignment" && strings.HasPrefix(w, "-"), before == "-n" && strings.Trim(w, "0123456789") == "":
			// an option of what stands before, such as sudo -E or nice -n 10
		default:
			return s.finish(c, own, depth)
		}
		if before = w; assigned {
			before = "assignment"
		}
		c.words = c.words[1:]
	}
	for _, v := range own {
		s.env.set(v.name, v.value)
	}
	return nil
}

func (s *splitter) finish(c command, own []named, depth int) []command {
	if c.words[0] == "export" || c.words[0] == "readonly" || c.words[0] == "local" {
		for _, w := range c.words[1:] {
			if name, value, ok := assignment(w); ok {
				s.env.set(name, expandVariables(s.budget, value, s.env))
			}
		}
	}
	for i, w := range c.words {
		c.words[i] = strings.ReplaceAll(expandVariables(s.budget, w, s.env), literal, "$")
	}
	c.env = s.env
	if len(own) > 0 {
		c.env = s.env.inner()
		for _, v := range own {
			c.env.set(v.name, v.value)
		}
	}
	all := []command{c}
	if script, ok := c.script(); ok && depth < 3 {
		for _, inner := range commandsWith(s.budget, script, c.env, depth+1) {
			inner.line += c.line
			all = append(all, inner)
		}
	}
	return all
}

// shells are programs that run scripts of a shell.
var shells = []string{"sh", "bash", "ash", "dash", "zsh", "ksh"}

// script gives the script that a shell gets on its command line or from a here document.
func (c command) script() (string, bool) {
	if !slices.Contains(shells, path.Base(c.words[0])) {
		return "", false
	}
	for i, w := range c.words[1:] {
		if strings.HasPrefix(w, "-") && !strings.HasPrefix(w, "--") && strings.HasSuffix(w, "c") && i+2 < len(c.words) {
			return c.words[i+2], true
		}
	}
	return c.input, c.input != ""
}

func assignment(word string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(word, "=")
	return name, value, ok && isName(name)
}

func isName(s string) bool {
	return s != "" && nameLength(s) == len(s) && (s[0] < '0' || s[0] > '9')
}

// nameLength is how many bytes at the beginning can be of a variable's name.
func nameLength(s string) int {
	if n := strings.IndexFunc(s, func(r rune) bool { return !isNameRune(r) }); n >= 0 {
		return n
	}
	return len(s)
}

func isNameRune(r rune) bool {
	return r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// expandVariables replaces the variables that are known and leaves the others as they are, so that their $ says so.
func expandVariables(b *budget.Budget, text string, env variables) string {
	if !strings.Contains(text, "$") {
		return text
	}
	braces := strings.LastIndexByte(text, '}') // beyond it, no { is closed
	var out strings.Builder
	put := func(s string) {
		b.Steps(1 + len(s)/bytesOfStep)
		b.Bytes(len(s))
		out.WriteString(s)
	}
	for at := 0; ; {
		before, _, ok := strings.Cut(text[at:], "$")
		put(before)
		if !ok {
			return out.String()
		}
		at += len(before) + 1
		rest := text[at:]
		n, value, known := 0, "", false
		if at < braces || !strings.HasPrefix(rest, "{") {
			n, value, known = variable(rest, env)
		}
		if known {
			put(value)
		} else {
			put("$" + rest[:n])
		}
		at += n
	}
}

// maxValue bounds the value of a variable that is put into another: A=$A$A doubles with each line.
const maxValue = 1024

// variable reads what follows a $: its length, and its value if that is known.
func variable(rest string, env variables) (length int, value string, known bool) {
	if strings.HasPrefix(rest, "{") {
		end := strings.IndexByte(rest, '}')
		if end < 0 {
			return 0, "", false
		}
		inside := rest[1:end]
		name, fallback, has := strings.Cut(inside, "-")
		name = strings.TrimSuffix(name, ":")
		if !isName(name) {
			return end + 1, "", false
		}
		if value, known = env.get(name); known && (value != "" || !has) {
			return end + 1, value, len(value) <= maxValue
		}
		return end + 1, fallback, has && !strings.Contains(fallback, "$")
	}
	if length = nameLength(rest); length > 0 && rest[0] >= '0' && rest[0] <= '9' {
		return 0, "", false
	}
	value, known = env.get(rest[:length])
	return length, value, known && len(value) <= maxValue
}
