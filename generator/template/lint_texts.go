package template

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/template/parse"
	"unicode/utf8"

	"dockerflow/generator/tree"
)

// passage is a text that is rendered: a file, a part, or a default.
type passage struct {
	name    string // its name for text/template
	path    string // the file that contains it
	own     bool   // whether it is from the template itself
	text    string
	place   func(offset int) (line, column int) // in path
	before  []string                            // the questions whose answers it may use
	alone   bool                                // whether it cannot include others
	root    parse.Node
	problem bool // whether parsing failed
}

// checkTexts checks all texts that are rendered, and what they use.
func (r *lintRun) checkTexts() {
	u := &uses{lintRun: r, passages: map[string]*passage{}, asked: r.questionNames(), used: map[string]bool{}, included: map[string]bool{}, seen: map[visit]bool{}}
	var files, parts []*passage
	for _, group := range []struct {
		files map[string]layerFile
		into  *[]*passage
		named bool
	}{{r.parts, &parts, true}, {r.written, &files, false}} {
		for _, out := range slices.Sorted(maps.Keys(group.files)) {
			f := group.files[out]
			if !f.read {
				continue
			}
			p := &passage{name: f.path, path: f.path, own: f.own, text: f.text, before: u.asked}
			p.place = func(offset int) (int, int) { return lineColumn(p.text, offset) }
			if group.named {
				p.name = out
			}
			*group.into = append(*group.into, p)
			u.parse(p)
		}
	}
	for _, p := range files {
		u.walk(p, scope{true, true})
	}
	for _, p := range r.defaults() {
		if u.parse(p); !p.problem {
			u.walk(p, scope{true, true})
		}
	}
	for _, p := range parts {
		if p.own && !u.included[p.name] && !r.only() {
			r.report(p.path, 1, 1, "no file includes this part")
		}
		if !u.included[p.name] {
			u.walk(p, scope{true, true})
		}
	}
	r.checkUsed(u)
}

// checkUsed finds questions whose answers have no effect. The answer to name is always used: it is also the name of
// the new folder.
func (r *lintRun) checkUsed(u *uses) {
	if u.whole || r.only() || r.unread || r.baseless {
		return
	}
	for i, q := range r.template.all[len(r.base.all):] {
		if !u.used[q.Name] && q.Name != "name" && questionName().MatchString(q.Name) {
			r.fault(where("questions", i, "name"), "question %q: its answer is not used", q.Name)
		}
	}
}

// defaults returns the texts of the manifest that are rendered.
func (r *lintRun) defaults() (all []*passage) {
	var before []string
	for i, q := range r.template.all {
		var place []any
		switch own := i - len(r.base.all); {
		case own >= 0:
			place = where("questions", own, "default")
		case r.manifest.Answers[q.Name] != "":
			place = where("answers", q.Name)
		case r.manifest.Defaults[q.Name] != "":
			place = where("defaults", q.Name)
		}
		if node := r.places.node(place); place != nil && node != nil && strings.Contains(q.Default, delimLeft) {
			all = append(all, &passage{
				name: "default of " + q.Name, path: manifestFile, own: true, alone: true, text: q.Default, before: slices.Clone(before),
				place: func(offset int) (int, int) { return r.inScalar(node.Line, node.Column, q.Default, offset) },
			})
		}
		before = append(before, q.Name)
	}
	return all
}

// inScalar returns the position in the manifest for an offset in a value that begins at a line and column. YAML may
// quote and fold the value, so its actions are searched for.
func (r *lintRun) inScalar(line, column int, value string, offset int) (int, int) {
	from := offsetOf(r.text, line, column)
	start := strings.LastIndex(value[:min(offset+len(delimLeft), len(value))], delimLeft)
	if start < 0 {
		return line, column
	}
	place := from
	for range 1 + strings.Count(value[:start], delimLeft) {
		next := strings.Index(r.text[place:], delimLeft)
		if next < 0 {
			return line, column
		}
		place += next + len(delimLeft)
	}
	place -= len(delimLeft)
	if further := place + offset - start; further <= len(r.text) && r.text[place:further] == value[start:offset] {
		place = further
	}
	return lineColumn(r.text, place)
}

// lineColumn is a position in a text, as editors count it.
func lineColumn(text string, offset int) (line, column int) {
	before := text[:min(offset, len(text))]
	start := strings.LastIndexByte(before, '\n') + 1
	return 1 + strings.Count(before, "\n"), 1 + utf8.RuneCountInString(before[start:])
}

func offsetOf(text string, line, column int) int {
	offset := 0
	for ; line > 1; line-- {
		next := strings.IndexByte(text[offset:], '\n')
		if next < 0 {
			return len(text)
		}
		offset += next + 1
	}
	for ; column > 1 && offset < len(text); column-- {
		_, size := utf8.DecodeRuneInString(text[offset:])
		offset += size
	}
	return offset
}

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

// uses records what the texts of a template use.
type uses struct {
	*lintRun
	passages map[string]*passage // the texts that can be included, by name
	asked    []string            // the names of all questions
	used     map[string]bool     // the used questions
	included map[string]bool     // the used parts
	whole    bool                // the answers are used as one value, so any of them may be used
	broken   bool                // a text failed to parse
	seen     map[visit]bool
	above    []string // the texts that include the current one
}

// scope reports whether . and $ are the answers.
type scope struct{ dot, dollar bool }

// visit identifies a text that was walked in a scope.
type visit struct {
	name string
	scope
}

// walk walks a text and everything that it includes, once for each scope.
func (u *uses) walk(p *passage, s scope) {
	v := visit{p.name, s}
	if u.seen[v] || p.problem {
		return
	}
	u.seen[v] = true
	u.above = append(u.above, p.name)
	u.node(p, p.root, s)
	u.above = u.above[:len(u.above)-1]
}

func (u *uses) node(p *passage, n parse.Node, s scope) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, each := range n.Nodes {
				u.node(p, each, s)
			}
		}
	case *parse.ActionNode:
		u.node(p, n.Pipe, s)
	case *parse.IfNode:
		u.branch(p, n.BranchNode, s, s)
	case *parse.WithNode:
		u.branch(p, n.BranchNode, s, scope{isAnswers(n.Pipe, s), s.dollar})
	case *parse.RangeNode:
		u.branch(p, n.BranchNode, s, scope{false, s.dollar})
	case *parse.TemplateNode:
		u.include(p, n, s)
	case *parse.PipeNode:
		if n != nil {
			for _, c := range n.Cmds {
				u.command(p, c, s)
			}
		}
	default:
		u.operand(p, n, s)
	}
}

func (u *uses) branch(p *passage, n parse.BranchNode, s, inside scope) {
	if isAnswers(n.Pipe, s) {
		u.whole = true // used as one value, or assigned to a variable
	}
	u.node(p, n.Pipe, s)
	u.node(p, n.List, inside)
	u.node(p, n.ElseList, s)
}

// isAnswers reports whether a pipeline is . or $ and means the answers.
func isAnswers(n *parse.PipeNode, s scope) bool {
	if n == nil || len(n.Cmds) != 1 || len(n.Cmds[0].Args) != 1 {
		return false
	}
	switch arg := n.Cmds[0].Args[0].(type) {
	case *parse.DotNode:
		return s.dot
	case *parse.VariableNode:
		return s.dollar && len(arg.Ident) == 1 && arg.Ident[0] == "$"
	}
	return false
}

func (u *uses) include(p *passage, n *parse.TemplateNode, s scope) {
	if !isAnswers(n.Pipe, s) {
		u.node(p, n.Pipe, s)
	}
	other := u.passages[n.Name]
	if p.alone {
		u.tell(p, int(n.Position()), "a default is one line, and cannot include a part")
		return
	}
	if other == nil {
		switch {
		case u.only() || u.baseless || u.broken:
		case !p.own:
			u.fault(where("extends"), "%s of the base includes parts/%s, which does not exist: add it", p.path, n.Name)
		default:
			u.tell(p, int(n.Position()), "%s", unknown("part", n.Name, slices.Collect(maps.Keys(u.parts))))
		}
		return
	}
	u.included[n.Name] = true
	if slices.Contains(u.above, n.Name) {
		u.blocked = true
		u.tell(p, int(n.Position()), "%s includes itself: %s", tree.Shorten(n.Name), strings.Join(append(u.above, n.Name), ", "))
		return
	}
	whole := isAnswers(n.Pipe, s)
	u.walk(other, scope{whole, whole})
}

// command is a function with its arguments, or an operand.
func (u *uses) command(p *passage, n *parse.CommandNode, s scope) {
	args := n.Args
	if fn, ok := args[0].(*parse.IdentifierNode); ok {
		if !slices.Contains(functionNames(), fn.Ident) {
			u.tell(p, int(fn.Position()), "%s", unknown("function", fn.Ident, functionNames()))
			u.blocked = true
		}
		args = args[1:]
		if fn.Ident == "index" && len(args) >= 2 && isOperand(args[0], s) {
			if key, ok := args[1].(*parse.StringNode); ok {
				u.variable(p, int(key.Position()), key.Text)
				args = args[1:]
			}
		}
	}
	for _, arg := range args {
		if isOperand(arg, s) {
			u.whole = true
		}
		u.node(p, arg, s)
	}
}

func isOperand(n parse.Node, s scope) bool {
	return isAnswers(&parse.PipeNode{Cmds: []*parse.CommandNode{{Args: []parse.Node{n}}}}, s)
}

func (u *uses) operand(p *passage, n parse.Node, s scope) {
	switch n := n.(type) {
	case *parse.FieldNode:
		if s.dot {
			offset := int(n.Position())
			if len(n.Ident) > 1 {
				offset -= len(n.Ident[0]) + 1 // the parser reports the position of the second name
			}
			u.variable(p, offset, n.Ident[0])
		}
	case *parse.VariableNode:
		if n.Ident[0] == "$" && len(n.Ident) > 1 && s.dollar {
			u.variable(p, int(n.Position()), n.Ident[1])
		}
	case *parse.ChainNode:
		u.node(p, n.Node, s)
	}
}

// variable is the use of an answer.
func (u *uses) variable(p *passage, offset int, name string) {
	u.used[name] = true
	switch {
	case slices.Contains(p.before, name), u.baseless, u.unread:
	case slices.Contains(u.asked, name):
		u.tell(p, offset, "%s is asked later: a default can only use answers before it", tree.Shorten(name))
	default:
		u.tell(p, offset, "%s", unknown("variable", name, p.before))
	}
}

func (u *uses) tell(p *passage, offset int, format string, args ...any) {
	if p.own {
		line, column := p.place(offset)
		u.report(p.path, line, column, format, args...)
	}
}

// functionNames returns the names of the functions that a text may call.
func functionNames() []string { return slices.Collect(maps.Keys(callable())) }
