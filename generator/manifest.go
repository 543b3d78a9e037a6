package generator

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// decodeManifest reads a template.yaml that anyone may have written.
func decodeManifest(data []byte) (m manifest, err error) {
	if len(data) > MaxText {
		return m, &LimitError{What: "in a manifest", Limit: MaxText}
	}
	if bytes.Contains(data, []byte("%TAG")) {
		return m, errors.New("want no %TAG directive") // the loader compares each with each other one
	}
	var doc yaml.Node
	if err := yaml.Load(data, &doc); err != nil {
		return m, err
	}
	nodes := 0
	if err := plainYAML(&doc, 0, &nodes); err != nil {
		return m, err
	}
	if err := doc.Load(&m, yaml.WithKnownFields(), yaml.WithUniqueKeys(false)); err != nil {
		return m, err
	}
	return m, m.check()
}

// plainYAML refuses what a loader takes time or memory for that its length does not tell: aliases, and mappings with a
// key twice, for which it compares each key with each other one.
func plainYAML(n *yaml.Node, depth int, nodes *int) error {
	*nodes++
	switch {
	case *nodes > maxNodes:
		return &LimitError{What: "keys and values in a manifest", Limit: maxNodes}
	case depth > maxDepth:
		return wrongYAML(n, "want at most %d levels", maxDepth)
	case n.Kind == yaml.AliasNode:
		return wrongYAML(n, "want no alias: write it out")
	}
	keys := map[string]int{}
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 {
			if child.Kind == yaml.ScalarNode && keys[child.Value] > 0 {
				return wrongYAML(child, "mapping key %q already defined at line %d", cut(child.Value, 60), keys[child.Value])
			}
			keys[child.Value] = child.Line
		}
		if err := plainYAML(child, depth+1, nodes); err != nil {
			return err
		}
	}
	return nil
}

func wrongYAML(n *yaml.Node, format string, args ...any) error {
	return &yaml.LoadError{Message: fmt.Sprintf(format, args...), Mark: yaml.Mark{Line: n.Line, Column: n.Column}}
}

// check judges the texts of a manifest, which are shown, and how many there are.
func (m manifest) check() error {
	c := textCheck{}
	c.text("about", m.About, maxPrinted)
	c.text("extends", m.Extends, maxPrinted)
	for _, s := range m.Next {
		c.text("next", s, maxPrinted)
	}
	c.count("questions and choices", len(m.Questions))
	for _, q := range m.Questions {
		c.question(q)
	}
	for name, texts := range map[string]map[string]string{"defaults": m.Defaults, "answers": m.Answers} {
		c.count(name, len(texts))
		for _, key := range slices.Sorted(maps.Keys(texts)) {
			c.text(name, key, maxPrinted)
			c.text(name+": "+cut(key, 60), texts[key], maxPrinted)
		}
	}
	for _, r := range m.Reserved {
		c.text("reserved", r.Question, maxPrinted)
		c.text("reserved: because", r.Because, maxPrinted)
	}
	c.count("guesses", len(m.Adoption.Guess))
	for _, g := range m.Adoption.Guess {
		c.text("guess", g.Question, maxPrinted)
		c.text("guess: pattern", g.Pattern, maxPattern)
		c.text("guess: value", g.Value, maxPrinted)
	}
	return c.err
}

// textCheck keeps the first error.
type textCheck struct {
	counted map[string]int
	err     error
}

func (c *textCheck) question(q Question) {
	c.text("question", q.Name, maxPrinted)
	for _, t := range []struct {
		key, text string
		limit     int
	}{
		{"ask", q.Ask, maxPrinted}, {"hint", q.Hint, maxPrinted}, {"group", q.Group, maxPrinted},
		{"type", q.Type, maxPrinted}, {"default", q.Default, maxPrinted}, {"pattern", q.Pattern, maxPattern},
	} {
		c.text("question "+cut(q.Name, 60)+": "+t.key, t.text, t.limit)
	}
	if c.err == nil && (q.Max < 0 || q.Max > maxAnswer) {
		c.err = fmt.Errorf("question %s: max: want at most %d", cut(q.Name, 60), maxAnswer)
	}
	c.count("questions and choices", len(q.Choices))
	for _, choice := range q.Choices {
		c.text("question "+cut(q.Name, 60)+": choice", choice.Value, maxPrinted)
		c.text("question "+cut(q.Name, 60)+": choice "+cut(choice.Value, 60), choice.About, maxPrinted)
	}
}

func (c *textCheck) text(what, s string, limit int) {
	if c.err != nil {
		return
	}
	if err := printable(s, limit); err != nil {
		c.err = fmt.Errorf("%s: %w", what, err)
	}
}

func (c *textCheck) count(what string, n int) {
	if c.counted == nil {
		c.counted = map[string]int{}
	}
	if c.counted[what] += n; c.err == nil && c.counted[what] > maxQuestions {
		c.err = &LimitError{What: what, Limit: maxQuestions}
	}
}

// printable refuses a text that would do something to a terminal, hide in one or be shown as something else.
func printable(s string, limit int) error {
	switch {
	case len(s) > limit*utf8.UTFMax || utf8.RuneCountInString(s) > limit:
		return fmt.Errorf("want at most %d characters", limit)
	case !utf8.ValidString(s):
		return fmt.Errorf("want UTF-8 text")
	case strings.ContainsFunc(s, unprintable):
		return fmt.Errorf("want one line of printable text, not %+q", cut(s, 60))
	}
	return nil
}

// cut shortens what an error quotes.
func cut(s string, limit int) string {
	if r := []rune(s[:min(len(s), 4*limit)]); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}

// visible writes out what a terminal would act on.
func visible(s string) string {
	if strings.ContainsFunc(s, unprintable) {
		s = strings.Trim(strconv.QuoteToGraphic(s), `"`)
	}
	return s
}
