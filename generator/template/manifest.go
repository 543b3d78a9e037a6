package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"dockerflow/generator/glyph"
	"dockerflow/generator/tree"
	"dockerflow/generator/yamlnode"
)

// decodeManifest decodes a template.yaml, which is untrusted.
func decodeManifest(data []byte) (m manifest, err error) {
	doc, twice, err := readYAML(data)
	switch {
	case err != nil:
		return m, err
	case len(twice) > 0:
		return m, twice[0]
	}
	if len(doc.Content) > 0 {
		m.places = places{doc.Content[0]}
	}
	return m, doc.Load(&m, yaml.WithKnownFields(), yaml.WithUniqueKeys(false))
}

// readYAML parses a manifest, and finds duplicate keys.
func readYAML(data []byte) (doc *yaml.Node, twice []*yaml.LoadError, err error) {
	if len(data) > tree.MaxText {
		return nil, nil, &tree.LimitError{What: "in a manifest", Limit: tree.MaxText}
	}
	doc, err = yamlnode.Read(data, yamlnode.Options{Nodes: maxNodes, Depth: maxDepth, NoAlias: true})
	if err != nil {
		return nil, nil, err
	}
	return doc, definedTwice(doc, nil), nil
}

// definedTwice adds errors for duplicate keys, in the loader's format.
func definedTwice(n *yaml.Node, found []*yaml.LoadError) []*yaml.LoadError {
	lines := map[string]int{}
	for key := range yamlnode.Pairs(n) {
		if line, ok := lines[key.Value]; ok && key.Kind == yaml.ScalarNode {
			found = append(found, &yaml.LoadError{
				Message: fmt.Sprintf("mapping key %q already defined at line %d", cut(key.Value, 60), line),
				Mark:    yaml.Mark{Line: key.Line, Column: key.Column},
			})
		} else {
			lines[key.Value] = key.Line
		}
	}
	for _, child := range n.Content {
		found = definedTwice(child, found)
	}
	return found
}

// check checks the number of entries in a manifest, and its texts that are shown.
func (m manifest) check() (f faults) {
	f.text(m.About, maxPrinted, "about")
	for i, s := range m.Next {
		f.text(s, maxPrinted, "next", i)
	}
	choices := 0
	for i, q := range m.Questions {
		f.question(q, i)
		choices += len(q.Choices)
	}
	f.count(len(m.Questions)+choices, "questions", "questions and choices")
	for name, texts := range map[string]map[string]string{"defaults": m.Defaults, "answers": m.Answers} {
		f.count(len(texts), name, name)
		for _, key := range slices.Sorted(maps.Keys(texts)) {
			f.text(key, maxPrinted, name)
			f.text(texts[key], maxPrinted, name, key)
		}
	}
	f.count(len(m.Reserved), "reserved", "reserved entries")
	for i, r := range m.Reserved {
		f.text(r.Question, maxPrinted, "reserved", i, "question")
		f.text(r.Because, maxPrinted, "reserved", i, "because")
		f.text(r.Pattern, maxPattern, "reserved", i, "pattern")
	}
	f.count(len(m.Adoption.Guess), "guess", "guesses")
	for i, g := range m.Adoption.Guess {
		f.text(g.Question, maxPrinted, "guess", i, "question")
		f.text(g.Pattern, maxPattern, "guess", i, "pattern")
		f.text(g.Value, maxPrinted, "guess", i, "value")
	}
	return f
}

func (f *faults) question(q Question, i int) {
	for _, t := range []struct {
		key, text string
		limit     int
	}{
		{"name", q.Name, maxPrinted}, {"ask", q.Ask, maxPrinted}, {"hint", q.Hint, maxPrinted}, {"group", q.Group, maxPrinted},
		{"type", q.Type, maxPrinted}, {"default", q.Default, maxPrinted}, {"pattern", q.Pattern, maxPattern},
	} {
		f.text(t.text, t.limit, "questions", i, t.key)
	}
	if q.Max > maxAnswer {
		f.add(where("questions", i, "max"), "max: want at most %d", maxAnswer)
	}
	for j, choice := range q.Choices {
		f.text(choice.Value, maxPrinted, "questions", i, "choices", j, "value")
		f.text(choice.About, maxPrinted, "questions", i, "choices", j, "about")
	}
}

// text adds a fault of a text. It names the last key; if that is an index, the position in the list counts from 1.
func (f *faults) text(s string, limit int, place ...any) {
	err := printable(s, limit)
	if err == nil {
		return
	}
	name := ""
	for _, step := range place {
		switch step := step.(type) {
		case int:
			name += fmt.Sprintf(" %d", step+1)
		case string:
			name += ": " + cut(step, 60)
		}
	}
	f.add(place, "%s: %w", strings.TrimPrefix(name, ": "), err)
}

func (f *faults) count(n int, key, what string) {
	if n > maxQuestions {
		f.add(where(key), "%w", &tree.LimitError{What: what, Limit: maxQuestions})
	}
}

// printable refuses a text that would control a terminal, is partly invisible, or looks like another text.
func printable(s string, limit int) error {
	switch {
	case len(s) > limit*utf8.UTFMax || utf8.RuneCountInString(s) > limit:
		return fmt.Errorf("want at most %d characters", limit)
	case !utf8.ValidString(s):
		return fmt.Errorf("want UTF-8 text")
	}
	if _, hidden := glyph.Hidden(s); hidden {
		return fmt.Errorf("want one line of printable text, not %+q", cut(s, 60))
	}
	return nil
}

// cut shortens a text that an error quotes.
func cut(s string, limit int) string {
	if r := []rune(s[:min(len(s), 4*limit)]); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}
