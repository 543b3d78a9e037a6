package template

import (
	"iter"
	"strings"
	"unicode"

	"dockerflow/generator/tree"
)

// action is one action of a text.
type action struct {
	start, end int    // its position in the text, including the delimiters
	keyword    string // its first word; the first two words of "else if" and "else with"
	parens     int    // depth of its parentheses
	sets       int    // number of variables that it declares, at most
}

// actions finds the actions of a text as the parser does. After an action that the parser refuses, the result is not
// meaningful.
func actions(text string) iter.Seq[action] {
	return func(yield func(action) bool) {
		for at := 0; ; {
			next := strings.Index(text[at:], delimLeft)
			if next < 0 {
				return
			}
			a := readAction(text, at+next)
			if !yield(a) {
				return
			}
			at = a.end
		}
	}
}

const spaces = " \t\r\n"

// readAction reads an action up to its right delimiter. A delimiter in quotes or in a comment does not count.
func readAction(text string, start int) action {
	a := action{start: start, end: len(text)}
	at := start + len(delimLeft)
	if rest := text[at:]; len(rest) > 1 && rest[0] == '-' && strings.IndexByte(spaces, rest[1]) >= 0 {
		at += 2
	}
	if rest, isComment := strings.CutPrefix(text[at:], "/*"); isComment {
		end := strings.Index(rest, "*/")
		if end < 0 {
			return a
		}
		at += len("/*") + end + len("*/")
	}
	inside, open := at, 0
	for at < len(text) && !strings.HasPrefix(text[at:], delimRight) {
		switch c := text[at]; c {
		case '"', '\'', '`':
			at = quoteEnd(text, at+1, c)
			continue
		case '(':
			open++
			a.parens = max(a.parens, open)
		case ')':
			open--
		case '=', ',':
			a.sets++
		}
		at++
	}
	a.end = min(at+len(delimRight), len(text))
	word, rest := firstWord(text[inside:at])
	if a.keyword = word; word == "else" {
		if next, _ := firstWord(rest); next == "if" || next == "with" {
			a.keyword += " " + next
		}
	}
	return a
}

func quoteEnd(text string, at int, quote byte) int {
	for ; at < len(text); at++ {
		switch {
		case text[at] == quote:
			return at + 1
		case text[at] == '\\' && quote != '`':
			at++
		}
	}
	return len(text)
}

func firstWord(text string) (word, rest string) {
	text = strings.TrimLeft(text, spaces)
	end := strings.IndexFunc(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if end < 0 {
		end = len(text)
	}
	return text[:end], text[end:]
}

// nesting tracks the depth of blocks.
type nesting struct {
	open  []block
	depth int
}

// block is an action that needs an end.
type block struct {
	action
	depth int // 1, plus 1 for each "else if": the parser nests each in the block before
}

func (n *nesting) add(a action) {
	last := len(n.open) - 1
	switch a.keyword {
	case "if", "range", "with", "block", "define":
		n.open = append(n.open, block{a, 1})
		n.depth++
	case "else if", "else with":
		if last >= 0 {
			n.open[last].depth++
			n.depth++
		}
	case "end":
		if last >= 0 {
			n.depth -= n.open[last].depth
			n.open = n.open[:last]
		}
	}
}

// scan checks a text before it is parsed, and returns the size of its actions, which is at most room. The parser is
// recursive: it takes 400 MB for a text that consists of conditions, and nested parentheses overflow the stack in
// older versions of Go, which ends the program. For each use of a variable it searches all of them, which can take
// minutes.
func scan(text string, room int) (size int, err error) {
	n, sets := nesting{}, 0
	for a := range actions(text) {
		n.add(a)
		size += a.end - a.start
		sets += a.sets
		switch {
		case size > room:
			return size, &tree.LimitError{What: "of actions, in all texts", Limit: maxActions}
		case n.depth > maxNested:
			return size, &tree.LimitError{What: "levels of blocks", Limit: maxNested}
		case a.parens > maxNested:
			return size, &tree.LimitError{What: "levels of parentheses", Limit: maxNested}
		case sets > maxDeclared:
			return size, &tree.LimitError{What: "declared variables", Limit: maxDeclared}
		}
	}
	return size, nil
}
