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

// configure applies the user's defaults to questions. Precedence: flags, answers files, the configuration, the
// template's defaults. An answer that all templates in among refuse is an error.
func (s *answerSet) configure(among []*template.Template) error {
	c, err := s.env.config()
	if err != nil {
		return err
	}
	for _, name := range sorted(c.Answers) {
		if _, given := s.given[name]; given {
			continue
		}
		if err := template.Refused(among, name, c.Answers[name]); err != nil {
			return refusal(c, err)
		}
	}
	s.config = c
	s.prefer()
	return nil
}

// prefer sets the user's defaults in the templates, if their questions accept them.
func (s *answerSet) prefer() {
	s.templates = slices.Clone(s.templates)
	for i, t := range s.templates {
		s.templates[i] = t.WithDefaults(s.config.Defaults(t))
	}
}

// refusal returns the error for a configured answer that a question refuses.
func refusal(c *config.Config, err error) error {
	var wrong *template.AnswerError
	if !errors.As(err, &wrong) {
		return err
	}
	key := config.Answers + "." + wrong.Name
	hint := "set another one with dockerflow config " + key + " TEXT"
	if wrong.Try != "" {
		hint = "try dockerflow config " + key + " " + phrase.Quote(wrong.Try)
	}
	return failure.New(hint, "%s: %s.%s", c.Place(key), config.Answers, strings.TrimPrefix(wrong.Error(), "--"))
}
