package generator

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// scanner looks over a text before it is parsed. The parser is recursive, and nothing can recover from a stack that
// overflows; it also takes time and memory that nothing measures.
type scanner struct {
	text   string // what is still to be read
	words  int
	blocks []int // that are open: how deep each of them is, which an else-if adds to
	depth  int
	sets   int
}

// scan counts the words in a text's actions. It leaves faults to the parser, which ends at the first one.
func scan(text string) (int, error) {
	s := scanner{text: text}
	for {
		_, after, found := strings.Cut(s.text, delimLeft)
		if !found {
			return s.words, nil
		}
		s.text, s.words = after, s.words+1
		if len(after) > 1 && after[0] == '-' && strings.ContainsRune(spaces, rune(after[1])) {
			s.text = after[2:]
		}
		if strings.HasPrefix(s.text, "/*") {
			_, s.text, found = strings.Cut(s.text[2:], "*/")
			if !found {
				return s.words, nil
			}
			continue
		}
		if err := s.action(); err != nil {
			return s.words, err
		}
	}
}

const spaces = " \t\r\n"

// action reads to the end of an action.
func (s *scanner) action() error {
	parens := 0
	var first, second string
	for words := 0; ; words++ {
		s.text = strings.TrimLeft(s.text, spaces)
		if s.text == "" || strings.HasPrefix(s.text, delimRight) {
			s.words += words
			return s.block(first, second)
		}
		word := s.word()
		switch words {
		case 0:
			first = word
		case 1:
			second = word
		case maxWords:
			return &LimitError{What: "words in an action", Limit: maxWords}
		}
		switch word {
		case "(":
			parens++
		case ")":
			parens--
		case "=", ",":
			s.sets++
		}
		if parens > maxNested {
			return &LimitError{What: "parentheses in each other", Limit: maxNested}
		}
		if s.sets > maxDeclared {
			return &LimitError{What: "variables that are set", Limit: maxDeclared}
		}
	}
}

// word takes the next one, which is a literal, a name, or a single character.
func (s *scanner) word() string {
	end := 1
	switch quote := s.text[0]; quote {
	case '"', '\'', '`':
		for end < len(s.text) && s.text[end] != quote {
			if s.text[end] == '\\' && quote != '`' {
				end++
			}
			end++
		}
		end = min(end+1, len(s.text))
	default:
		end = strings.IndexFunc(s.text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if end < 0 {
			end = len(s.text)
		}
		if end == 0 {
			_, end = utf8.DecodeRuneInString(s.text)
		}
	}
	word := s.text[:end]
	s.text = s.text[end:]
	return word
}

// block keeps count of how deep the parser goes.
func (s *scanner) block(first, second string) error {
	last := len(s.blocks) - 1
	switch first {
	case "if", "range", "with", "block", "define":
		s.blocks = append(s.blocks, 1)
		s.depth++
	case "else":
		if last >= 0 && (second == "if" || second == "with") {
			s.blocks[last]++
			s.depth++
		}
	case "end":
		if last >= 0 {
			s.depth -= s.blocks[last]
			s.blocks = s.blocks[:last]
		}
	}
	if s.depth > maxNested {
		return &LimitError{What: "blocks in each other", Limit: maxNested}
	}
	return nil
}
