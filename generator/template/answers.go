package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Answers maps every question of a template to its value (string, int or bool), including questions that the template
// answers itself. Files are rendered with it.
type Answers map[string]any

// UnknownError reports answers to questions that the template does not have.
type UnknownError struct {
	Template string
	Names    []string // sorted
}

func (e *UnknownError) Error() string {
	return fmt.Sprintf("template %s does not ask for %s", e.Template, strings.Join(e.Names, ", "))
}

// MissingError reports required questions without an answer.
type MissingError struct{ Names []string }

func (e *MissingError) Error() string {
	return "missing: --" + strings.Join(e.Names, ", --")
}

// Missing returns the questions that given does not answer, in the template's order.
func (t *Template) Missing(given map[string]string) []Question {
	var missing []Question
	for _, q := range t.Questions {
		if _, ok := given[q.Name]; !ok {
			missing = append(missing, q)
		}
	}
	return missing
}

// Resolve parses the given answers, and uses the defaults for the others. Its errors are *UnknownError, *MissingError
// and *AnswerError.
func (t *Template) Resolve(given map[string]string) (Answers, error) {
	if err := t.unknown(given); err != nil {
		return nil, err
	}
	answers := Answers{}
	var missing MissingError
	for _, q := range t.all {
		s, ok := given[q.Name]
		if !ok && q.Required {
			missing.Names = append(missing.Names, q.Name)
			continue
		}
		if len(missing.Names) > 0 {
			continue // later defaults may need a missing answer
		}
		if !ok {
			var err error
			if s, err = t.Default(q, answers); err != nil {
				return nil, err
			}
		}
		v, err := q.Parse(s)
		if err != nil {
			return nil, err
		}
		answers[q.Name] = v
	}
	if len(missing.Names) > 0 {
		return nil, &missing
	}
	return answers, nil
}

func (t *Template) unknown(given map[string]string) error {
	asked := map[string]bool{}
	for _, q := range t.Questions {
		asked[q.Name] = true
	}
	e := &UnknownError{Template: t.Name}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !asked[name] {
			e.Names = append(e.Names, name)
		}
	}
	if len(e.Names) == 0 {
		return nil
	}
	return e
}

// Default returns the default of q, rendered with the answers before it.
func (t *Template) Default(q Question, before Answers) (string, error) {
	if !strings.Contains(q.Default, delimLeft) {
		return q.Default, nil
	}
	s, err := t.defaults.render(q, before)
	if err != nil {
		return "", fmt.Errorf("template %s: %w", t.Name, err)
	}
	return s, nil
}

// Suggest returns the default of q for the answers so far, or "" if it is not known yet.
func (t *Template) Suggest(q Question, given map[string]string) string {
	before := Answers{}
	for _, b := range t.all {
		s, ok := given[b.Name]
		if !ok {
			s, _ = t.Default(b, before)
		}
		if b.Name == q.Name {
			s, _ = t.Default(b, before)
			return s
		}
		if v, err := b.Parse(s); err == nil {
			before[b.Name] = v
		}
	}
	return ""
}

// WithDefaults returns a copy of t with other defaults for some questions, which are then not required. A default that
// looks like a template is ignored: the values come from outside.
func (t *Template) WithDefaults(defaults map[string]string) *Template {
	c := *t
	c.all = slices.Clone(t.all)
	for i, q := range c.all {
		if d := defaults[q.Name]; d != "" && !q.fixed && !strings.Contains(d, delimLeft) {
			c.all[i].Default, c.all[i].Required = d, false
		}
	}
	c.Questions = asked(c.all)
	return &c
}

// Refused is the error of an answer that none of the templates takes.
func Refused(among []*Template, name, s string) (err error) {
	for _, t := range among {
		for _, q := range t.Questions {
			if q.Name != name {
				continue
			}
			if _, err = q.Parse(s); err == nil {
				return nil
			}
		}
	}
	return err
}
