package template

import (
	"errors"
	"strconv"
	"strings"
	"text/template/parse"

	"dockerflow/generator/tree"
)

// parse parses a text. If it fails, it reports the position of the error, and only that one: everything after it could
// have another meaning.
func (u *uses) parse(p *passage) {
	set, _, err := parseTrees(p.name, p.text, parse.SkipFuncCheck, maxActions) // unknown functions are found later, with their positions
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

// locate finds the action that caused an error of the parser, which reports only a line. So each action is put on a
// line of its own, which does not change its meaning.
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
	var lines []int // for each line of spread, the offset in text
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

// errorLine splits "template: NAME:LINE: message".
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

// actionsOf returns an error of text/template with the actions as they are written.
func actionsOf(message string) string {
	return strings.NewReplacer("{{", delimLeft+" ", "}}", " "+delimRight).Replace(message)
}
