package template

import (
	"fmt"
	"slices"
	"strings"

	"dockerflow/generator/tree"
)

// checkQuestions makes checks that loading skips, and finds settings that have no effect.
func (r *lintRun) checkQuestions() {
	own := r.template.all[len(r.base.all):]
	for i, q := range own {
		place := func(steps ...any) []any { return append(where("questions", i), steps...) }
		said := func(steps []any, format string, args ...any) {
			r.fault(steps, "question %q: %s", q.Name, fmt.Sprintf(format, args...))
		}
		if _, err := compile(q.Pattern); err != nil {
			said(place("pattern"), "pattern: %v", err)
			r.blocked = true
			continue
		}
		if q.Type != "string" && q.Pattern != "" {
			said(place("pattern"), "pattern is only for type string")
		}
		if q.Type != "string" && q.Max != 0 || q.Max < 0 {
			said(place("max"), "max, a number of characters, is only for type string")
		}
		seen := map[string]bool{}
		for j, c := range q.Choices {
			if c.Value == "" || seen[c.Value] {
				said(place("choices", j), "want choices with different, non-empty values")
			}
			seen[c.Value] = true
		}
		if slices.Contains([]string{"string", "int", "bool", "choice"}, q.Type) && (q.Type == "choice") == (len(q.Choices) > 0) && q.Max >= 0 {
			r.checkDefault(place("default"), q)
		}
	}
	for section, texts := range map[string]map[string]string{"defaults": r.manifest.Defaults, "answers": r.manifest.Answers} {
		for _, q := range r.template.all[:len(r.base.all)] {
			if texts[q.Name] != "" {
				r.checkDefault(where(section, q.Name), q)
			}
		}
	}
	r.checkReserved()
	r.checkGuesses()
}

// checkDefault checks that a fixed default is a valid answer. A default that uses other answers is checked when it is
// rendered.
func (r *lintRun) checkDefault(where []any, q Question) {
	if q.Default == "" || strings.Contains(q.Default, delimLeft) {
		return
	}
	if _, want := q.parse(q.Default); want != "" {
		r.fault(where, "%s", noAnswer(q.Default, q.Name, want))
		r.blocked = true
	}
}

func noAnswer(value, question, want string) string {
	return fmt.Sprintf("%s is not a valid answer to %s: %s", tree.Shorten(value), question, want)
}

func (r *lintRun) checkReserved() {
	for i, w := range r.manifest.Reserved {
		q := r.question(w.Question)
		_, err := compile(w.Pattern)
		switch {
		case err != nil:
			r.fault(where("reserved", i, "pattern"), "reserved: pattern: %v", err)
			r.blocked = true
		case q != nil && q.Type != "string":
			r.fault(where("reserved", i, "question"), "reserved: words are only for questions of type string, and %s is of type %s", q.Name, q.Type)
		case len(strings.Fields(w.Words)) == 0 && w.Pattern == "":
			r.fault(where("reserved", i), "reserved: want words, separated by spaces, or a pattern")
		case w.Because == "":
			r.fault(where("reserved", i), "reserved: want because, the reason why a word cannot be the answer")
		}
	}
}

func (r *lintRun) checkGuesses() {
	for i, g := range r.manifest.Adoption.Guess {
		q := r.question(g.Question)
		if q == nil {
			continue // loading reports it
		}
		re, err := compile(g.Pattern)
		switch {
		case err != nil:
			r.fault(where("guess", i, "pattern"), "guess: %s: pattern: %v", g.Question, err)
		case g.Pattern != "" && g.Value == "" && re.NumSubexp() == 0:
			r.fault(where("guess", i, "pattern"), "guess: %s: want a group in the pattern, or a value", g.Question)
		case g.Value != "":
			if _, want := q.parse(g.Value); want != "" {
				r.fault(where("guess", i, "value"), "guess: %s", noAnswer(g.Value, q.Name, want))
			}
		}
	}
}

func (r *lintRun) question(name string) *Question {
	for i := range r.template.all {
		if q := &r.template.all[i]; q.Name == name {
			return q
		}
	}
	return nil
}
