package generator

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"text/template"
	"text/template/parse"
)

// parsed are what one set is parsed from: what files may include has names that all of them share. The set itself is
// never executed: engines are.
type parsed struct {
	set      *template.Template
	idle     sync.Pool           // of engines
	defined  map[string]string   // where each name was defined
	includes map[string][]string // what each name includes
	used     map[string]bool     // names of functions
	bytes    int
	length   int // in words
}

func newParsed(name string) *parsed {
	return &parsed{
		set:      template.New(name).Option("missingkey=error"),
		used:     map[string]bool{},
		defined:  map[string]string{},
		includes: map[string][]string{},
	}
}

// parse adds a text to the set, under a name that no other text has, or defines.
func (s *parsed) parse(name, file, text string) (err error) {
	defer caught(&err)
	if s.bytes += len(text); len(text) > MaxText {
		return &LimitError{file, "of text that is rendered", MaxText}
	}
	words, err := scan(text)
	if s.length += words; err != nil {
		return inFile(file, err)
	}
	switch {
	case s.bytes > maxTexts:
		return &LimitError{file, "of text that is rendered, in all", maxTexts}
	case s.length > maxParsed:
		return &LimitError{file, "words in all actions", maxParsed}
	}
	trees, err := parse.Parse(name, text, delimLeft, delimRight, callable())
	if err != nil {
		return inFile(file, err)
	}
	for _, defines := range slices.Sorted(maps.Keys(trees)) {
		if other, ok := s.defined[defines]; ok {
			return fmt.Errorf("%s: %s is defined in %s, too", file, strconv.Quote(defines), other)
		}
		s.defined[defines] = file
		t := instrumented{s, defines, trees[defines]}
		if err := t.list(trees[defines].Root, 1); err != nil {
			return inFile(file, err)
		}
		if _, err := s.set.AddParseTree(defines, trees[defines]); err != nil {
			return err
		}
	}
	return nil
}

// checkIncludes refuses what includes itself, however many lie between. Names are constants, so it needs no answers.
func (s *parsed) checkIncludes() error {
	heights := map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(s.includes)) {
		if _, err := s.height(name, nil, heights); err != nil {
			return inFile(s.defined[name], err)
		}
	}
	return nil
}

// height is how many include each other from name on.
func (s *parsed) height(name string, above []string, known map[string]int) (int, error) {
	if slices.Contains(above, name) {
		return 0, fmt.Errorf("%s: %q includes itself: %q", s.defined[name], name, append(above, name))
	}
	h, ok := known[name]
	if len(above)+max(h, 1) > maxIncluded {
		return 0, &LimitError{What: "templates that include each other", Limit: maxIncluded}
	}
	if ok {
		return h, nil
	}
	h = 1
	for _, included := range s.includes[name] {
		below, err := s.height(included, append(above, name), known)
		if err != nil {
			return 0, err
		}
		h = max(h, 1+below)
	}
	known[name] = h
	return h, nil
}

// tickName is what the meter is called by from the parse tree. A template cannot: the parser does not know it.
const tickName = "tick"

// stretch is how many words are executed from one call of the meter to the next.
const stretch = 256

// instrumented is a tree that calls the meter in each list before its nodes, with the number of their words.
type instrumented struct {
	*parsed
	name string
	tree *parse.Tree
}

func (t instrumented) list(l *parse.ListNode, depth int) error {
	if depth > maxNested+1 {
		return &LimitError{What: "blocks in each other", Limit: maxNested}
	}
	pos := l.Position()
	nodes := make([]parse.Node, 0, len(l.Nodes)+1+len(l.Nodes)/stretch)
	var tick *parse.NumberNode
	for i := 0; i == 0 || i < len(l.Nodes); i++ {
		words := 1
		if i < len(l.Nodes) {
			pos = l.Nodes[i].Position()
			var err error
			if words, err = t.node(l.Nodes[i], depth); err != nil {
				return err
			}
		}
		if tick == nil || int(tick.Int64)+words > stretch {
			tick = &parse.NumberNode{NodeType: parse.NodeNumber, Pos: pos, IsInt: true}
			nodes = append(nodes, t.call(tick))
		}
		tick.Int64 += int64(words)
		tick.Text = strconv.FormatInt(tick.Int64, 10)
		nodes = append(nodes, l.Nodes[i:min(i+1, len(l.Nodes))]...)
	}
	l.Nodes = nodes
	return nil
}

// call is the action <% tick words %>.
func (t instrumented) call(words *parse.NumberNode) parse.Node {
	pos := words.Pos
	fn := parse.NewIdentifier(tickName).SetPos(pos).SetTree(t.tree)
	command := &parse.CommandNode{NodeType: parse.NodeCommand, Pos: pos, Args: []parse.Node{fn, words}}
	pipe := &parse.PipeNode{NodeType: parse.NodePipe, Pos: pos, Cmds: []*parse.CommandNode{command}}
	return &parse.ActionNode{NodeType: parse.NodeAction, Pos: pos, Pipe: pipe}
}

// node instruments the lists of a node and counts its own words.
func (t instrumented) node(n parse.Node, depth int) (words int, err error) {
	switch n := n.(type) {
	case *parse.ActionNode:
		return t.words(n.Pipe), nil
	case *parse.TemplateNode:
		t.includes[t.name] = append(t.includes[t.name], n.Name)
		return 1 + t.words(n.Pipe), nil
	case *parse.IfNode:
		return t.branch(&n.BranchNode, depth)
	case *parse.RangeNode:
		return t.branch(&n.BranchNode, depth)
	case *parse.WithNode:
		return t.branch(&n.BranchNode, depth)
	}
	return 1, nil
}

func (t instrumented) branch(n *parse.BranchNode, depth int) (words int, err error) {
	if err = t.list(n.List, depth+1); err == nil && n.ElseList != nil {
		err = t.list(n.ElseList, depth+1)
	}
	return 1 + t.words(n.Pipe), err
}

// words is how many there are to evaluate. The functions among them are noted.
func (t instrumented) words(n parse.Node) int {
	words := 1
	switch n := n.(type) {
	case *parse.PipeNode:
		if n == nil {
			return 0
		}
		for _, c := range n.Cmds {
			for _, arg := range c.Args {
				words += t.words(arg)
			}
		}
	case *parse.ChainNode:
		words += t.words(n.Node) + len(n.Field)
	case *parse.IdentifierNode:
		t.used[n.Ident] = true
	case *parse.FieldNode:
		words = len(n.Ident)
	case *parse.VariableNode:
		words = len(n.Ident)
	}
	return words
}
