package template

import (
	"errors"
	"strconv"
	"strings"
	"text/template/parse"

	"dockerflow/generator/tree"
)

// parse reads a text's actions. Where that fails, its place is reported: there is only one of them in a text, as all
// that follows could be meant otherwise.
func (u *uses) parse(p *passage) {
	set, _, err := parseTrees(p.name, p.text, parse.SkipFuncCheck, maxActions) // an unknown function is found later, with its place
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
	n, starts := nesting{}, []int(nil)
	for a := range actions(text) {
		n.add(a)
		starts = append(starts, a.start)
	}
	var limit *tree.LimitError
	if len(starts) == 0 || errors.As(err, &limit) {
		return 0, message
	}
	switch {
	case strings.HasPrefix(message, "unexpected EOF") && len(n.open) > 0:
		open := n.open[len(n.open)-1]
		return open.start, delimLeft + " " + open.keyword + " " + delimRight + " has no " + delimLeft + " end " + delimRight
	case strings.HasPrefix(message, "unclosed action"), strings.HasPrefix(message, "unclosed comment"):
		message, _, _ = strings.Cut(message, " started at ")
		return starts[len(starts)-1], message
	}
	var spread strings.Builder
	var lines []int // the offset in text of each line of spread
	for i, end := range append(starts, len(text)) {
		start := 0
		if i > 0 {
			start = starts[i-1]
			spread.WriteByte('\n')
		}
		lines = append(lines, start)
		for at := start; at < end; at++ {
			if text[at] == '\n' {
				lines = append(lines, at+1)
			}
		}
		spread.WriteString(text[start:end])
	}
	_, _, err = parseTrees(name, spread.String(), parse.SkipFuncCheck, maxActions)
	line, _ := errorLine(name, err)
	offset = lines[min(max(line, 1), len(lines))-1]
	for offset < len(text) && strings.IndexByte(spaces, text[offset]) >= 0 {
		offset++
	}
	return offset, message
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
