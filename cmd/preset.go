package cmd

import (
	"errors"
	"slices"
	"strings"

	"dockerflow/generator/failure"
	"dockerflow/generator/phrase"
	"dockerflow/generator/template"
)

// configure gives questions the user's own defaults: the configuration stands below flags and answers files, and above
// what the template says. Among the templates is the one that will be chosen.
func (o *newOptions) configure(among []*template.Template) error {
	c, err := readConfig(o.env)
	if err != nil {
		return err
	}
	for _, name := range sorted(c.answers) {
		if _, given := o.given[name]; given {
			continue
		}
		if err := refused(among, name, c.answers[name]); err != nil {
			return c.refusal(err)
		}
	}
	o.config = c
	o.prefer()
	return nil
}

// prefer makes the user's own defaults those of the templates, where their questions take them.
func (o *newOptions) prefer() {
	o.templates = slices.Clone(o.templates)
	for i, t := range o.templates {
		o.templates[i] = t.WithDefaults(o.config.taken(t))
	}
}

// taken are the answers that t's questions take. Each template reserves other names.
func (c *config) taken(t *template.Template) map[string]string {
	found := map[string]string{}
	for _, q := range t.Questions {
		if s, ok := c.answers[q.Name]; ok && refused([]*template.Template{t}, q.Name, s) == nil {
			found[q.Name] = s
		}
	}
	return found
}

// refusal is the error of an answer in the configuration.
func (c *config) refusal(err error) error {
	var wrong *template.AnswerError
	if !errors.As(err, &wrong) {
		return err
	}
	key := answersSection + "." + wrong.Name
	hint := "dockerflow config " + key + " TEXT sets another one"
	if wrong.Try != "" {
		hint = "try dockerflow config " + key + " " + phrase.Quote(wrong.Try)
	}
	return failure.New(hint, "%s:%s: %s.%s", c.file, c.places[key], answersSection, strings.TrimPrefix(wrong.Error(), "--"))
}

// has tells whether the configuration, if one was read, answers a question.
func (c *config) has(question string) bool {
	if c == nil {
		return false
	}
	_, ok := c.answers[question]
	return ok
}

// candidates are the templates that this run may turn out to use.
func (o *newOptions) candidates() []*template.Template {
	if t := named(o.templates, o.given["template"]); t != nil {
		return []*template.Template{t}
	}
	return o.templates
}
