package spec

import (
	"path"
	"slices"
	"strings"
)

// command is one simple command of a shell script.
type command struct {
	line  int // in the script, from 0
	words []string
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

// words that stand before a command and are not part of it.
var prefixes = []string{"!", "do", "elif", "else", "env", "exec", "if", "nohup", "sudo", "then", "time", "until", "while", "{"}

// commands splits a script into its simple commands. It knows quotes, comments, continuations and operators, no more.
func commands(script string) []command {
	var all []command
	s := splitter{in: strings.NewReplacer("\r\n", "\n", "\\\r\n", "\x00", "\\\n", "\x00").Replace(script)}
	for s.pos < len(s.in) {
		if s.next() {
			all = append(all, s.take())
		}
	}
	s.endWord()
	all = append(all, s.take())
	return slices.DeleteFunc(all, func(c command) bool { return len(c.words) == 0 })
}

type splitter struct {
	in        string
	pos, line int
	word      strings.Builder
	started   bool // a word, though it may be empty
	now       command
}

func (s *splitter) endWord() {
	if s.started {
		if len(s.now.words) == 0 {
			s.now.line = s.line
		}
		s.now.words = append(s.now.words, s.word.String())
	}
	s.word.Reset()
	s.started = false
}

// take ends the command, without what stands before its program.
func (s *splitter) take() command {
	c := s.now
	s.now = command{}
	for len(c.words) > 0 && (slices.Contains(prefixes, c.words[0]) || assigns(c.words[0])) {
		c.words = c.words[1:]
	}
	return c
}

func assigns(word string) bool {
	name, _, ok := strings.Cut(word, "=")
	return ok && name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789") == ""
}

// next reads one character or quoted part and tells whether a command ends there.
func (s *splitter) next() bool {
	c := s.in[s.pos]
	s.pos++
	switch c {
	case '\\':
		if s.pos < len(s.in) {
			s.add(s.in[s.pos : s.pos+1])
			s.pos++
		}
	case '\'', '"':
		s.quoted(c)
	case ' ', '\t':
		s.endWord()
	case 0: // a continued line
		s.endWord()
		s.line++
	case '#':
		if s.started {
			s.add("#")
			return false
		}
		if end := strings.IndexByte(s.in[s.pos:], '\n'); end >= 0 {
			s.pos += end
		} else {
			s.pos = len(s.in)
		}
	case '\n':
		s.endWord()
		s.line++
		return true
	case ';', '&', '|', '(', ')', '`':
		if c == '&' && strings.HasSuffix(s.word.String(), ">") { // 2>&1
			s.add("&")
			return false
		}
		s.endWord()
		return true
	default:
		s.add(s.in[s.pos-1 : s.pos])
	}
	return false
}

func (s *splitter) add(text string) {
	s.word.WriteString(text)
	s.started = true
}

// quoted reads up to the closing quote. In double quotes a backslash keeps the next character.
func (s *splitter) quoted(quote byte) {
	s.started = true
	for s.pos < len(s.in) {
		c := s.in[s.pos]
		s.pos++
		switch {
		case c == quote:
			return
		case c == '\\' && quote == '"' && s.pos < len(s.in):
			c = s.in[s.pos]
			s.pos++
		case c == '\n' || c == 0:
			s.line++
		}
		s.word.WriteByte(c)
	}
}
