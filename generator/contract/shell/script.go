package shell

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

// maxCommands limits the commands of a script and the scripts in it.
const maxCommands = 5000

// Commands splits a script into its simple commands, within a budget and where some variables are known. It knows
// quotes, comments, continuations, operators, here documents and the variables that the script itself sets to what can be
// read, no more. A whole shell's grammar would refuse what CI puts into scripts, such as ${{ expressions }}. Shells that
// the script starts are followed down to a depth of 3, counted from the given one.
func Commands(b *budget.Budget, script string, env Variables, depth int) []Command {
	b.Steps(1 + len(script)/4)
	in := strings.NewReplacer("\r\n", "\n", "\\\r\n", "\x00", "\\\n", "\x00").Replace(script)
	s := splitter{in: in, env: env.Inner(), budget: b}
	var all []Command
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

// take ends the command and removes prefixes from its program. If a shell runs a script, take adds the script's commands
// too.
func (s *splitter) take(depth int) []Command {
	s.budget.Steps(3)
	c := s.now
	c.Input = s.input.String()
	s.now = Command{}
	s.input.Reset()
	var own []named
	before := "" // what was last removed
	for len(c.Words) > 0 {
		w := c.Words[0]
		name, value, assigned := Assignment(w)
		switch {
		case assigned:
			own = append(own, named{name, expandVariables(s.budget, value, s.env)})
		case slices.Contains(prefixes, w):
			c.Exec = c.Exec || w == "exec"
		case before != "" && before != "assignment" && strings.HasPrefix(w, "-"), before == "-n" && strings.Trim(w, "0123456789") == "":
			// an option of a prefix, such as sudo -E or nice -n 10
		default:
			return s.finish(c, own, depth)
		}
		if before = w; assigned {
			before = "assignment"
		}
		c.Words = c.Words[1:]
	}
	for _, v := range own {
		s.env.Set(v.name, v.value)
	}
	return nil
}

func (s *splitter) finish(c Command, own []named, depth int) []Command {
	if c.Words[0] == "export" || c.Words[0] == "readonly" || c.Words[0] == "local" {
		for _, w := range c.Words[1:] {
			if name, value, ok := Assignment(w); ok {
				s.env.Set(name, expandVariables(s.budget, value, s.env))
			}
		}
	}
	for i, w := range c.Words {
		c.Words[i] = strings.ReplaceAll(expandVariables(s.budget, w, s.env), literal, "$")
	}
	c.Env = s.env
	if len(own) > 0 {
		c.Env = s.env.Inner()
		for _, v := range own {
			c.Env.Set(v.name, v.value)
		}
	}
	all := []Command{c}
	if script, ok := c.Script(); ok && depth < 3 {
		for _, inner := range Commands(s.budget, script, c.Env, depth+1) {
			inner.Line += c.Line
			all = append(all, inner)
		}
	}
	return all
}

// Shells are programs that run scripts of a shell.
var Shells = []string{"sh", "bash", "ash", "dash", "zsh", "ksh"}

// Script returns the script that a shell gets on its command line or from a here document.
func (c Command) Script() (string, bool) {
	if !slices.Contains(Shells, path.Base(c.Words[0])) {
		return "", false
	}
	for i, w := range c.Words[1:] {
		if strings.HasPrefix(w, "-") && !strings.HasPrefix(w, "--") && strings.HasSuffix(w, "c") && i+2 < len(c.Words) {
			return c.Words[i+2], true
		}
	}
	return c.Input, c.Input != ""
}

// Assignment parts NAME=value.
func Assignment(word string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(word, "=")
	return name, value, ok && isName(name)
}

func isName(s string) bool {
	return s != "" && nameLength(s) == len(s) && (s[0] < '0' || s[0] > '9')
}

// nameLength is how many bytes at the beginning can be of a variable's name.
func nameLength(s string) int {
	if n := strings.IndexFunc(s, func(r rune) bool { return !IsNameRune(r) }); n >= 0 {
		return n
	}
	return len(s)
}

// IsNameRune reports whether a character may be part of a variable's name.
func IsNameRune(r rune) bool {
	return r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// expandVariables replaces known variables and leaves others unchanged, so their $ marks them as unknown.
func expandVariables(b *budget.Budget, text string, env Variables) string {
	if !strings.Contains(text, "$") {
		return text
	}
	braces := strings.LastIndexByte(text, '}') // beyond it, no { is closed
	var out strings.Builder
	put := func(s string) {
		b.Steps(1 + len(s)/budget.BytesOfStep)
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

// MaxValue bounds the value of a variable that is put into another: A=$A$A doubles with each line.
const MaxValue = 1024

// variable reads what follows a $: its length, and its value if that is known.
func variable(rest string, env Variables) (length int, value string, known bool) {
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
		if value, known = env.Get(name); known && (value != "" || !has) {
			return end + 1, value, len(value) <= MaxValue
		}
		return end + 1, fallback, has && !strings.Contains(fallback, "$")
	}
	if length = nameLength(rest); length > 0 && rest[0] >= '0' && rest[0] <= '9' {
		return 0, "", false
	}
	value, known = env.Get(rest[:length])
	return length, value, known && len(value) <= MaxValue
}

// IsShellScript decides by the program that gets the script, or by its first line.
func IsShellScript(program, script string) bool {
	if fields := strings.Fields(program); len(fields) > 0 {
		return slices.Contains(Shells, path.Base(fields[0]))
	}
	line, _, _ := strings.Cut(script, "\n")
	words, ok := strings.CutPrefix(line, "#!")
	if !ok {
		return true
	}
	return slices.ContainsFunc(strings.Fields(words), func(w string) bool { return slices.Contains(Shells, path.Base(w)) })
}
