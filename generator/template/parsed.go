package template

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"text/template"
	"text/template/parse"

	"dockerflow/generator/tree"
)

// parsed is a parsed set of templates. All files share the names that they can include. The set is only a source;
// engines execute copies of it.
type parsed struct {
	set      *template.Template
	idle     sync.Pool           // of engines
	defined  map[string]string   // the file that defines each name
	includes map[string][]string // the names that each name includes
	used     map[string]bool     // names of the functions that are called
	bytes    int
	actions  int // bytes of all actions
}

func newParsed(name string) *parsed {
	return &parsed{
		set:      template.New(name).Option("missingkey=error"),
		used:     map[string]bool{},
		defined:  map[string]string{},
		includes: map[string][]string{},
	}
}

// parse adds a text to the set. No other text may have or define its name.
func (s *parsed) parse(name, file, text string) (err error) {
	defer caught(&err)
	if s.bytes += len(text); s.bytes > maxTexts {
		return &tree.LimitError{File: file, What: "of text that is rendered, in all", Limit: maxTexts}
	}
	trees, size, err := parseTrees(name, text, 0, maxActions-s.actions)
	if s.actions += size; err != nil {
		return inFile(file, err)
	}
	for _, defines := range slices.Sorted(maps.Keys(trees)) {
		if other, ok := s.defined[defines]; ok {
			return fmt.Errorf("%s: %s is also defined in %s", file, strconv.Quote(defines), other)
		}
		s.defined[defines] = file
		instrumented{s, defines, trees[defines]}.list(trees[defines].Root)
		if _, err := s.set.AddParseTree(defines, trees[defines]); err != nil {
			return err
		}
	}
	return nil
}

// parseTrees parses a text if it is within the limits. It returns the size of its actions, which is at most room.
func parseTrees(name, text string, mode parse.Mode, room int) (trees map[string]*parse.Tree, size int, err error) {
	if len(text) > tree.MaxText {
		return nil, 0, &tree.LimitError{What: "of text that is rendered", Limit: tree.MaxText}
	}
	if size, err = scan(text, room); err != nil {
		return nil, size, err
	}
	trees = map[string]*parse.Tree{}
	tree := parse.New(name)
	tree.Mode = mode
	_, err = tree.Parse(text, delimLeft, delimRight, trees, callable())
	return trees, size, err
}

// checkIncludes refuses texts that include themselves, directly or through others. Names are constants, so no answers
// are needed.
func (s *parsed) checkIncludes() error {
	heights := map[string]int{}
	for _, name := range slices.Sorted(maps.Keys(s.includes)) {
		if _, err := s.height(name, nil, heights); err != nil {
			return inFile(s.defined[name], err)
		}
	}
	return nil
}

// height returns the depth of includes from name on.
func (s *parsed) height(name string, above []string, known map[string]int) (int, error) {
	if slices.Contains(above, name) {
		return 0, fmt.Errorf("%s: %q includes itself: %q", s.defined[name], name, append(above, name))
	}
	h, ok := known[name]
	if len(above)+max(h, 1) > maxIncluded {
		return 0, &tree.LimitError{What: "templates that include each other", Limit: maxIncluded}
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

// tickName is the meter's function in the parse tree. A template cannot call it: the parser does not know it.
const tickName = "tick"

// instrumented returns a tree that calls the meter at the head of each list, and thus in each loop and definition,
// with the number of words in the list.
type instrumented struct {
	*parsed
	name string
	tree *parse.Tree
}

func (t instrumented) list(l *parse.ListNode) {
	if l == nil {
		return
	}
	words := 0
	for _, n := range l.Nodes {
		words += t.node(n)
	}
	l.Nodes = slices.Insert(l.Nodes, 0, t.tick(l.Position(), max(words, 1)))
}

// tick returns the action <% tick words %>.
func (t instrumented) tick(pos parse.Pos, words int) parse.Node {
	fn := parse.NewIdentifier(tickName).SetPos(pos).SetTree(t.tree)
	n := &parse.NumberNode{NodeType: parse.NodeNumber, Pos: pos, IsInt: true, Int64: int64(words), Text: strconv.Itoa(words)}
	command := &parse.CommandNode{NodeType: parse.NodeCommand, Pos: pos, Args: []parse.Node{fn, n}}
	pipe := &parse.PipeNode{NodeType: parse.NodePipe, Pos: pos, Cmds: []*parse.CommandNode{command}}
	return &parse.ActionNode{NodeType: parse.NodeAction, Pos: pos, Pipe: pipe}
}

// node instruments the lists of a node, and counts the node's own words.
func (t instrumented) node(n parse.Node) (words int) {
	switch n := n.(type) {
	case *parse.ActionNode:
		return t.words(n.Pipe)
	case *parse.TemplateNode:
		t.includes[t.name] = append(t.includes[t.name], n.Name)
		return 1 + t.words(n.Pipe)
	case *parse.IfNode:
		return t.branch(&n.BranchNode)
	case *parse.RangeNode:
		return t.branch(&n.BranchNode)
	case *parse.WithNode:
		return t.branch(&n.BranchNode)
	}
	return 1
}

func (t instrumented) branch(n *parse.BranchNode) (words int) {
	t.list(n.List)
	t.list(n.ElseList)
	return 1 + t.words(n.Pipe)
}

// words returns the number of words to evaluate. It records the functions among them.
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
