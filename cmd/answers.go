package cmd

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"dockerflow/generator"
)

// maxAnswers bounds an answers file, in bytes.
const maxAnswers = 64 << 10

// readAnswers adds the answers file to what flags gave: a flag stands.
func (o *newOptions) readAnswers(ctx context.Context) error {
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
	pairs, err := answerPairs(bytes.TrimPrefix(data, []byte("\ufeff")))
	if err != nil {
		return failed("", "--answers %s:%w", o.answers, err)
	}
	if _, ok := o.given["template"]; !ok {
		if name, ok := valueOf(pairs, "template"); ok {
			o.given["template"] = name
			if err := o.choose(ctx); err != nil {
				return err
			}
		}
	}
	given, err := parseAnswers(pairs, o.questions())
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

// answerPairs reads a mapping of question to answer. YAML's nodes, rather than values decoded from them, keep what was
// written: 3.10 stays 3.10.
func answerPairs(data []byte) ([]*yaml.Node, error) {
	var doc yaml.Node
	if err := yaml.Load(data, &doc); err != nil {
		return nil, generator.SyntaxError(err, "want one document of question: answer, a line each")
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, at(&doc, "want question: answer, a line each")
	}
	return doc.Content[0].Content, nil
}

// valueOf is the text of a key, where it has one.
func valueOf(pairs []*yaml.Node, key string) (string, bool) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i].Value == key && pairs[i+1].ShortTag() == "!!str" {
			return pairs[i+1].Value, true
		}
	}
	return "", false
}

// parseAnswers judges keys and values by the questions.
func parseAnswers(pairs []*yaml.Node, questions map[string]generator.Question) (map[string]string, error) {
	given := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		key, value := pairs[i], pairs[i+1]
		q, ok := questions[key.Value]
		if !ok {
			return nil, at(key, "no question %q%s", key.Value, nearQuestion(key.Value, questions))
		}
		if _, twice := given[q.Name]; twice {
			return nil, at(key, "%s is answered twice", q.Name)
		}
		if !fits(q, value) {
			return nil, at(value, "%s: want %s", q.Name, kinds[q.Type])
		}
		given[q.Name] = value.Value
	}
	return given, nil
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

// kinds says what an answers file has to have for each type of question.
var kinds = map[string]string{
	"string": "text; put it in quotes",
	"choice": "text; put it in quotes",
	"int":    "a whole number",
	"bool":   "true or false",
}

// fits tells whether a value is of its question's type. A choice may be written as a number: 3.14.
func fits(q generator.Question, value *yaml.Node) bool {
	if value.Kind != yaml.ScalarNode {
		return false
	}
	switch value.ShortTag() {
	case "!!str", "!!timestamp":
		return q.Type == "string" || q.Type == "choice"
	case "!!int":
		return q.Type == "int" || q.Type == "choice"
	case "!!float":
		return q.Type == "choice"
	case "!!bool":
		return q.Type == "bool"
	}
	return false
}

func at(n *yaml.Node, format string, args ...any) error {
	return fmt.Errorf("%d:%d: %s", n.Line, n.Column, fmt.Sprintf(format, args...))
}
