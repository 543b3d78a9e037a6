package contract

import (
	"path"
	"slices"
	"strings"
)

// command is one simple command of a shell script.
type command struct {
	line  int // in the script, from 0
	words []string
	env   variables // what the script has set for it
	input string    // its here documents
	exec  bool      // it takes the shell's place
}

// is tells whether the command is the named program with these first words, whatever options stand between them.
func (c command) is(program string, words ...string) bool {
	if len(c.words) == 0 || path.Base(c.words[0]) != program {
		return false
	}
	rest := c.words[1:]
	for _, w := range words {
		i := slices.IndexFunc(rest, func(s string) bool { return !strings.HasPrefix(s, "-") })
		if i < 0 || rest[i] != w {
			return false
		}
		rest = rest[i+1:]
	}
	return true
}

// has tells whether one of these words is among the command's. A word that ends in = stands for all that begin so.
func (c command) has(words ...string) bool {
	return slices.ContainsFunc(c.words, func(have string) bool {
		return slices.ContainsFunc(words, func(w string) bool {
			return have == w || strings.HasSuffix(w, "=") && strings.HasPrefix(have, w)
		})
	})
}

// option gives the value of the first of these options that the command has: -u 1, -u1, --uid 1 or --uid=1.
func (c command) option(names ...string) (string, bool) {
	for i, w := range c.words {
		for _, name := range names {
			long := strings.HasPrefix(name, "--")
			switch {
			case w == name && i+1 < len(c.words):
				return c.words[i+1], true
			case long && strings.HasPrefix(w, name+"="):
				return w[len(name)+1:], true
			case !long && strings.HasPrefix(w, name) && len(w) > 2:
				return w[2:], true
			}
		}
	}
	return "", false
}
