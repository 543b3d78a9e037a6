package template

import (
	"maps"
	"slices"
	"strings"
	"text/template/parse"

	"dockerflow/generator/tree"
)

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
