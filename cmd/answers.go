package cmd

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"dockerflow/generator"
)

// maxAnswers bounds an answers file, in bytes.
const maxAnswers = 64 << 10

// readAnswers adds the answers file to what flags gave: a flag stands.
func (o *newOptions) readAnswers() error {
	if o.answers == "" {
		return nil
	}
	var in io.Reader = o.env.In
	if o.answers == "-" {
		o.env.Prompts = NoPrompts // its input is the answers
	} else {
		f, err := o.env.FS.Open(o.answers)
		if err != nil {
			return failed("", "--answers: %w", err)
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxAnswers+1))
	if err != nil {
		return failed("", "--answers %s: %w", o.answers, err)
	}
	if len(data) > maxAnswers {
		return failed("", "--answers %s: want at most %d bytes", o.answers, maxAnswers)
	}
	if !utf8.Valid(data) {
		return failed("", "--answers %s: want UTF-8 text", o.answers)
	}
	given, err := parseAnswers(bytes.TrimPrefix(data, []byte("\ufeff")), o.questions())
	if err != nil {
		return failed("", "--answers %s:%w", o.answers, err)
	}
	for name, s := range given {
		if _, ok := o.given[name]; !ok {
			o.given[name] = s
		}
	}
	return nil
}

// questions has every question of any template, and the template itself.
func (o *newOptions) questions() map[string]generator.Question {
	all := map[string]generator.Question{"template": {Name: "template", Type: "string"}}
	for _, t := range o.templates {
		for _, q := range t.Questions {
			all[q.Name] = q
		}
	}
	return all
}

// parseAnswers reads a mapping of question to answer. YAML's tree, rather than values decoded from it, keeps what was
// written: 3.10 stays 3.10.
func parseAnswers(data []byte, questions map[string]generator.Question) (map[string]string, error) {
	tokens := lexer.Tokenize(string(data))
	if err := checkFlat(tokens); err != nil {
		return nil, err
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, syntaxError(err)
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, fmt.Errorf(" want one mapping of question to answer")
	}
	mapping, ok := file.Docs[0].Body.(*ast.MappingNode)
	if !ok {
		return nil, at(file.Docs[0].Body, "want a mapping of question to answer")
	}
	given := map[string]string{}
	for _, pair := range mapping.Values {
		key, ok := pair.Key.(ast.Node).(ast.ScalarNode)
		if !ok {
			return nil, at(pair.Key, "want a question's name")
		}
		name := fmt.Sprint(key.GetValue())
		q, ok := questions[name]
		if !ok {
			return nil, at(pair.Key, "no question %q%s", name, nearQuestion(name, questions))
		}
		if _, twice := given[name]; twice {
			return nil, at(pair.Key, "%s is answered twice", name)
		}
		if given[name], err = text(q, pair.Value); err != nil {
			return nil, err
		}
	}
	return given, nil
}

// checkFlat refuses lists, nested mappings, anchors, aliases and tags before they are parsed. No answer needs one, and
// the parser's memory grows with the square of the nesting: ten kilobytes of brackets would take all there is.
func checkFlat(tokens token.Tokens) error {
	mappings := 0
	for _, t := range tokens {
		switch t.Type {
		case token.MappingStartType:
			mappings++
		case token.SequenceStartType, token.SequenceEntryType, token.MappingKeyType, token.MergeKeyType,
			token.AnchorType, token.AliasType, token.TagType:
			mappings = 2
		}
		if mappings > 1 {
			return fmt.Errorf("%d:%d: want question: answer, and nothing nested", t.Position.Line, t.Position.Column)
		}
	}
	return nil
}

func nearQuestion(name string, questions map[string]generator.Question) string {
	var names []string
	for n := range questions {
		names = append(names, n)
	}
	slices.Sort(names)
	if hint := suggest("", name, names, ""); hint != "" {
		return ": " + hint
	}
	return ""
}

// text is an answer as a flag would have it.
func text(q generator.Question, n ast.Node) (string, error) {
	switch n := n.(type) {
	case *ast.StringNode:
		if q.Type == "string" || q.Type == "choice" {
			return n.Value, nil
		}
	case *ast.LiteralNode:
		return n.Value.Value, nil
	case *ast.IntegerNode, *ast.FloatNode:
		if q.Type == "int" || q.Type == "choice" {
			return n.GetToken().Value, nil
		}
	case *ast.BoolNode:
		if q.Type == "bool" {
			return n.GetToken().Value, nil
		}
	}
	want := map[string]string{"int": "a whole number", "bool": "true or false"}[q.Type]
	if want == "" {
		want = "text; put it in quotes"
	}
	return "", at(n, "%s: want %s", q.Name, want)
}

func at(n ast.Node, format string, args ...any) error {
	pos := n.GetToken().Position
	return fmt.Errorf("%d:%d: %s", pos.Line, pos.Column, fmt.Sprintf(format, args...))
}

// syntaxError shortens the parser's error, which draws the place, to line, column and message.
func syntaxError(err error) error {
	msg := yaml.FormatError(err, false, false)
	place, rest, ok := strings.Cut(strings.TrimPrefix(msg, "["), "] ")
	if !ok {
		return fmt.Errorf(" %s", msg)
	}
	return fmt.Errorf("%s: %s", place, rest)
}
