package generator

import (
	"errors"
	"strconv"
	"strings"
	"text/template/parse"
)

// parse reads a text's actions. Where that fails, its place is reported: there is only one of them in a text, as all
// that follows could be meant otherwise.
func (u *uses) parse(p *passage) {
	set, err := parseAlone(p.name, p.text)
	if err != nil {
		p.problem = true
		if p.own {
			offset, message := locate(p.name, p.text, err)
			line, column := p.place(offset)
			u.report(p.path, line, column, "%s", message)
		}
		u.broken, u.blocked = true, true
	}
	if !p.alone {
		u.passages[p.name] = p
	}
	for name, t := range set {
		if name == p.name {
			p.root = t.Root
			continue
		}
		u.passages[name] = &passage{name: name, path: p.path, own: p.own, text: p.text, place: p.place, before: p.before, root: t.Root}
	}
}

// locate finds the action that an error of the parser is about: the parser knows no more than its line. So each action
// is put on a line of its own, which changes nothing for the parser.
func locate(name, text string, err error) (offset int, message string) {
	_, message = errorLine(name, err)
	starts := actions(text)
	var limit *LimitError
	if len(starts) == 0 || errors.As(err, &limit) {
		return 0, message
	}
	switch {
	case strings.HasPrefix(message, "unexpected EOF"):
		if open, keyword, ok := unclosed(text, starts); ok {
			return open, delimLeft + " " + keyword + " " + delimRight + " has no " + delimLeft + " end " + delimRight
		}
	case strings.HasPrefix(message, "unclosed action"), strings.HasPrefix(message, "unclosed comment"):
		message, _, _ = strings.Cut(message, " started at ")
		return starts[len(starts)-1], message
	}
	var spread strings.Builder
	var lines []int // the offset in text of each line of spread
	at := 0
	put := func(s string) {
		for i := range len(s) {
			if s[i] == '\n' {
				lines = append(lines, at+i+1)
			}
		}
		spread.WriteString(s)
		at += len(s)
	}
	lines = append(lines, 0)
	for i, start := range starts {
		if i == 0 {
			put(text[:start])
		}
		end := len(text)
		if i+1 < len(starts) {
			end = starts[i+1]
		}
		spread.WriteByte('\n')
		lines = append(lines, start)
		put(text[start:end])
	}
	_, err = parseAlone(name, spread.String())
	line, _ := errorLine(name, err)
	offset = lines[min(max(line, 1), len(lines))-1]
	for offset < len(text) && strings.IndexByte(" \t\r\n", text[offset]) >= 0 {
		offset++
	}
	return offset, message
}

// parseAlone parses what may use any function.
func parseAlone(name, text string) (map[string]*parse.Tree, error) {
	if len(text) > MaxText {
		return nil, &LimitError{What: "of text that is rendered", Limit: MaxText}
	}
	if _, err := scan(text); err != nil {
		return nil, err
	}
	set := map[string]*parse.Tree{}
	tree := parse.New(name)
	tree.Mode = parse.SkipFuncCheck
	_, err := tree.Parse(text, delimLeft, delimRight, set)
	return set, err
}

// errorLine takes "template: NAME:LINE: message" apart.
func errorLine(name string, err error) (line int, message string) {
	if err == nil {
		return 1, ""
	}
	rest, ok := strings.CutPrefix(err.Error(), "template: "+name+":")
	if !ok {
		return 1, err.Error()
	}
	number, message, _ := strings.Cut(rest, ": ")
	line, _ = strconv.Atoi(number)
	return line, actionsOf(message)
}

// actionsOf shows the actions in an error of text/template as they are written.
func actionsOf(message string) string {
	return strings.NewReplacer("{{", delimLeft+" ", "}}", " "+delimRight).Replace(message)
}

// actions are the offsets at which the actions of a text start.
func actions(text string) (starts []int) {
	for at := 0; ; {
		next := strings.Index(text[at:], delimLeft)
		if next < 0 {
			return starts
		}
		starts = append(starts, at+next)
		at = actionEnd(text, at+next+len(delimLeft))
	}
}

// actionEnd is where an action ends whose content starts at at. A delimiter in quotes is none.
func actionEnd(text string, at int) int {
	if inside := strings.TrimLeft(strings.TrimPrefix(text[at:], "-"), " \t\r\n"); strings.HasPrefix(inside, "/*") {
		end := strings.Index(text[at:], "*/")
		if end < 0 {
			return len(text)
		}
		at += end
	}
	for at < len(text) {
		switch c := text[at]; {
		case strings.HasPrefix(text[at:], delimRight):
			return at + len(delimRight)
		case c == '"' || c == '\'' || c == '`':
			at = quoteEnd(text, at+1, c)
		default:
			at++
		}
	}
	return at
}

func quoteEnd(text string, at int, quote byte) int {
	for ; at < len(text); at++ {
		switch {
		case text[at] == quote:
			return at + 1
		case text[at] == '\n' && quote != '`':
			return at // the parser will say so
		case text[at] == '\\' && quote != '`':
			at++
		}
	}
	return len(text)
}

// unclosed is the innermost action of a text that has no end.
func unclosed(text string, starts []int) (offset int, keyword string, ok bool) {
	type open struct {
		offset  int
		keyword string
	}
	var stack []open
	for _, start := range starts {
		inside := strings.TrimPrefix(text[start+len(delimLeft):], "-")
		words := strings.FieldsFunc(inside[:min(len(inside), 40)], func(c rune) bool { return c < 'a' || c > 'z' })
		if len(words) == 0 || !strings.HasPrefix(strings.TrimLeft(inside, " \t\r\n"), words[0]) {
			continue
		}
		switch words[0] {
		case "if", "with", "range", "block", "define":
			stack = append(stack, open{start, words[0]})
		case "end":
			stack = stack[:max(len(stack)-1, 0)]
		}
	}
	if len(stack) == 0 {
		return 0, "", false
	}
	last := stack[len(stack)-1]
	return last.offset, last.keyword, true
}
