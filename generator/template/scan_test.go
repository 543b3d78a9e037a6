package template

import (
	"strings"
	"testing"
	"text/template/parse"
)

// FuzzScan compares the scanner with the parser: for all texts that the parser accepts, the scanner's numbers must be
// high enough.
func FuzzScan(f *testing.F) {
	for _, tt := range greedy {
		if len(tt.text) < 10_000 {
			f.Add(tt.text)
		}
	}
	for _, text := range []string{
		"<%- /* ( <% if %> \" */ -%><%if(not .a)%>x<%end%>", "<%/*/ %><% if . %>*/%>", "<% if .a %><% else if .b %><% else %><% end %>", "<%-1%><%- 1 -%>",
		"<% `\"` | print '\"' \"`\\\"%>\" %><%range $i, $x := .a%><%$i = ((1))%><%end%>", "<%with $a:=.%><%else with .b%><%else%><%end%>", "<%if.a%>\n<%\tend\r\n%>",
		`<%"\""%><%if .%><%end%><%"\""%>`, "<%define `a`%><%if .%><%end%><%end%><%block `b` .%><%range .%><%break%><%end%><%end%>", "<% ifs %>", "<% .if %>", "<% $x := \"a\nb\" %>", "<%%>",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		set := map[string]*parse.Tree{}
		tree := parse.New("x")
		tree.Mode = parse.SkipFuncCheck
		if _, err := tree.Parse(text, delimLeft, delimRight, set); err != nil {
			return
		}
		var got counts
		n := nesting{}
		for a := range actions(text) {
			n.add(a)
			got.depth, got.parens, got.sets = max(got.depth, n.depth), max(got.parens, a.parens), got.sets+a.sets
			if s := text[a.start:a.end]; !strings.HasPrefix(s, delimLeft) || !strings.HasSuffix(s, delimRight) {
				t.Errorf("the action is %q", s)
			}
		}
		if len(n.open) > 0 || n.depth != 0 {
			t.Errorf("%d blocks are not closed", n.depth)
		}
		for _, tree := range set {
			want := counts{}
			want.list(tree.Root, 0)
			if want.depth > got.depth || want.parens > got.parens || want.sets > got.sets {
				t.Errorf("the parser has %+v in %s, the scanner %+v", want, tree.Name, got)
			}
		}
	})
}

// counts are numbers from a parsed text: the depth of its blocks and parentheses, and how many variables it declares.
type counts struct{ depth, parens, sets int }

func (c *counts) list(l *parse.ListNode, depth int) {
	c.depth = max(c.depth, depth)
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			c.pipe(n.Pipe, 0)
		case *parse.TemplateNode:
			c.pipe(n.Pipe, 0)
		case *parse.IfNode:
			c.branch(n.BranchNode, depth)
		case *parse.RangeNode:
			c.branch(n.BranchNode, depth)
		case *parse.WithNode:
			c.branch(n.BranchNode, depth)
		}
	}
}

func (c *counts) branch(n parse.BranchNode, depth int) {
	c.pipe(n.Pipe, 0)
	c.list(n.List, depth+1)
	if n.ElseList != nil {
		c.list(n.ElseList, depth+1)
	}
}

func (c *counts) pipe(n *parse.PipeNode, depth int) {
	c.parens = max(c.parens, depth)
	if n == nil {
		return
	}
	c.sets += len(n.Decl)
	for _, command := range n.Cmds {
		for _, arg := range command.Args {
			if chain, ok := arg.(*parse.ChainNode); ok {
				arg = chain.Node
			}
			if pipe, ok := arg.(*parse.PipeNode); ok {
				c.pipe(pipe, depth+1)
			}
		}
	}
}
