package shell

import (
	"strings"

	"dockerflow/generator/budget"
)

// splitter reads a script once, from its beginning to its end.
type splitter struct {
	in        string // with a zero byte where a line is continued
	pos, line int
	word      strings.Builder
	started   bool // a word, though it may be empty
	now       Command
	input     strings.Builder // of the command: its here documents
	pending   []hereDocument
	ends      map[string]int // of endsAfter
	env       Variables
	budget    *budget.Budget
}

// hereDocument is one whose text begins after the line.
type hereDocument struct {
	end  string
	tabs bool // that stand before its lines do not count
}

func (s *splitter) endWord() {
	if s.started {
		if len(s.now.Words) == 0 {
			s.now.Line = s.line
		}
		s.budget.Steps(1)
		s.budget.Bytes(budget.BytesOfString + s.word.Len())
		s.now.Words = append(s.now.Words, s.word.String())
	}
	s.word.Reset()
	s.started = false
}

// next reads one character or quoted part and reports whether a command ends there.
func (s *splitter) next() bool {
	c := s.in[s.pos]
	s.pos++
	switch c {
	case '\\':
		if s.pos < len(s.in) {
			s.add(mean(s.in[s.pos : s.pos+1]))
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
		s.hash()
	case '<':
		s.less()
	case '\n':
		s.endWord()
		s.line++
		s.documents()
		return true
	case ';', '&', '|', '(', ')', '`':
		if c == '&' && (strings.HasSuffix(s.word.String(), ">") || strings.HasPrefix(s.in[s.pos:], ">")) { // 2>&1, &>file
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

// mean is a text that stands for itself.
func mean(text string) string { return strings.ReplaceAll(text, "$", literal) }

func (s *splitter) add(text string) {
	s.word.WriteString(text)
	s.started = true
}

// hash begins a comment, unless it is inside a word.
func (s *splitter) hash() {
	if s.started {
		s.add("#")
		return
	}
	if end := strings.IndexByte(s.in[s.pos:], '\n'); end >= 0 {
		s.pos += end
	} else {
		s.pos = len(s.in)
	}
}

// unquoted removes what may quote the end of a here document.
var unquoted = strings.NewReplacer(`'`, "", `"`, "", `\`, "")

// less reads a redirection. It begins a here document only where that has an end: CircleCI writes << parameters >>.
func (s *splitter) less() {
	rest := s.in[s.pos:]
	if !strings.HasPrefix(rest, "<") || strings.HasPrefix(rest, "<<") {
		s.add("<")
		for strings.HasPrefix(s.in[s.pos:], "<") {
			s.add("<")
			s.pos++
		}
		return
	}
	rest = strings.TrimPrefix(rest, "<")
	after, tabs := strings.CutPrefix(rest, "-")
	after = strings.TrimLeft(after, " \t")
	n := strings.IndexAny(after, " \t\n\x00;&|<>()")
	if n < 0 {
		n = len(after)
	}
	end := unquoted.Replace(after[:n])
	if end == "" || !s.endsAfter(len(s.in)-len(after), end) {
		s.add("<<")
		s.pos++
		return
	}
	s.endWord()
	s.pos = len(s.in) - len(after) + n
	s.pending = append(s.pending, hereDocument{end, tabs})
}

// endsAfter reports whether a line after that of a position is the end of a here document. It reads all lines once.
func (s *splitter) endsAfter(pos int, end string) bool {
	if s.ends == nil {
		s.ends = map[string]int{}
		at := 0
		for line := range strings.Lines(s.in) {
			s.budget.Bytes(budget.BytesOfString)
			s.budget.Steps(1)
			s.ends[strings.Trim(line, "\t\n\x00")] = at
			at += len(line)
		}
	}
	last, ok := s.ends[end]
	return ok && last > pos
}

// documents reads the here documents of the line that just ended.
func (s *splitter) documents() {
	for _, d := range s.pending {
		for s.pos < len(s.in) {
			line, _, _ := strings.Cut(s.in[s.pos:], "\n")
			s.pos = min(s.pos+len(line)+1, len(s.in))
			s.line += 1 + strings.Count(line, "\x00")
			if d.tabs {
				line = strings.TrimLeft(line, "\t")
			}
			if line == d.end {
				break
			}
			s.budget.Bytes(len(line))
			s.input.WriteString(strings.ReplaceAll(line, "\x00", "\\\n") + "\n")
		}
	}
	s.pending = nil
}

// quoted reads up to the closing quote. In double quotes a backslash keeps the next character.
func (s *splitter) quoted(quote byte) {
	s.started = true
	for s.pos < len(s.in) {
		c := s.in[s.pos]
		s.pos++
		text := s.in[s.pos-1 : s.pos]
		switch {
		case c == quote:
			return
		case quote == '\'':
			text = mean(text)
		case c == '\\' && s.pos < len(s.in):
			text = mean(s.in[s.pos : s.pos+1])
			s.pos++
		}
		if text == "\n" || text == "\x00" {
			s.line++
		}
		s.word.WriteString(strings.ReplaceAll(text, "\x00", "\n"))
	}
}
