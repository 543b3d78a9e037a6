package cmd

import (
	"errors"
	"slices"
	"strings"

	"dockerflow/cmd/config"
	"dockerflow/generator/failure"
	"dockerflow/generator/phrase"
	"dockerflow/generator/template"
)

// configure gives questions the user's own defaults: the configuration stands below flags and answers files, and above
// what the template says. Among the templates is the one that will be chosen.
func (o *newOptions) configure(among []*template.Template) error {
	c, err := o.env.config()
	if err != nil {
		return err
	}
	for _, name := range sorted(c.Answers) {
		if _, given := o.given[name]; given {
			continue
		}
		if err := template.Refused(among, name, c.Answers[name]); err != nil {
			return refusal(c, err)
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
		o.templates[i] = t.WithDefaults(o.config.Defaults(t))
	}
}

// refusal is the error of an answer in the configuration.
func refusal(c *config.Config, err error) error {
	var wrong *template.AnswerError
	if !errors.As(err, &wrong) {
		return err
	}
	key := config.Answers + "." + wrong.Name
	hint := "dockerflow config " + key + " TEXT sets another one"
	if wrong.Try != "" {
		hint = "try dockerflow config " + key + " " + phrase.Quote(wrong.Try)
	}
	return failure.New(hint, "%s: %s.%s", c.Place(key), config.Answers, strings.TrimPrefix(wrong.Error(), "--"))
}

// candidates are the templates that this run may turn out to use.
func (o *newOptions) candidates() []*template.Template {
	if t := template.Named(o.templates, o.given["template"]); t != nil {
		return []*template.Template{t}
	}
	return o.templates
}
