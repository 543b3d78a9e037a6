// Package shell splits shell scripts into commands, as far as static reading allows. It runs nothing.
package shell

import (
	"path"
	"slices"
	"strings"

	"dockerflow/generator/budget"
)

// Command is one simple command of a shell script.
type Command struct {
	Line  int // in the script, from 0
	Words []string
	Env   Variables // the variables that the script has set
	Input string    // its here documents
	Exec  bool      // needs the shell's place
}

// Is reports whether the command is the named program with these first words, ignoring options between them.
func (c Command) Is(program string, words ...string) bool {
	if len(c.Words) == 0 || path.Base(c.Words[0]) != program {
		return false
	}
	rest := c.Words[1:]
	for _, w := range words {
		i := slices.IndexFunc(rest, func(s string) bool { return !strings.HasPrefix(s, "-") })
		if i < 0 || rest[i] != w {
			return false
		}
		rest = rest[i+1:]
	}
	return true
}

// Has reports whether the command has one of these words. A word that ends in = matches as a prefix.
func (c Command) Has(words ...string) bool {
	return slices.ContainsFunc(c.Words, func(have string) bool {
		return slices.ContainsFunc(words, func(w string) bool {
			return have == w || strings.HasSuffix(w, "=") && strings.HasPrefix(have, w)
		})
	})
}

// Option returns the value of the first of these options that the command has: -u 1, -u1, --uid 1 or --uid=1.
func (c Command) Option(names ...string) (string, bool) {
	for i, w := range c.Words {
		for _, name := range names {
			long := strings.HasPrefix(name, "--")
			switch {
			case w == name && i+1 < len(c.Words):
				return c.Words[i+1], true
			case long && strings.HasPrefix(w, name+"="):
				return w[len(name)+1:], true
			case !long && strings.HasPrefix(w, name) && len(w) > 2:
				return w[2:], true
			}
		}
	}
	return "", false
}

// ScriptFile names the file that a command runs as a script. It is empty for programs of the system.
func ScriptFile(c Command) string {
	program := c.Words[0]
	if slices.Contains(Shells, path.Base(program)) || program == "." || program == "source" {
		for i, w := range c.Words[1:] {
			switch {
			case !strings.HasPrefix(w, "-") && !strings.HasPrefix(w, "+"):
				if i > 0 && c.Words[i] == "-o" {
					continue
				}
				return w
			case !strings.HasPrefix(w, "--") && strings.HasSuffix(w, "c"):
				return ""
			}
		}
		return ""
	}
	for _, system := range []string{"/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/"} {
		if strings.HasPrefix(program, system) {
			return ""
		}
	}
	if strings.Contains(program, "/") || strings.HasSuffix(program, ".sh") {
		return program
	}
	return ""
}

// CostOf is how many steps it takes to look at commands.
func CostOf(all []Command) int {
	cost := 0
	for _, c := range all {
		cost += 10 + len(c.Words)
		for _, w := range c.Words {
			cost += len(w) / budget.BytesOfStep
		}
		cost += len(c.Input) / budget.BytesOfStep
	}
	return cost
}
