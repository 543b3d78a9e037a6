package cmd

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"dockerflow/generator/failure"
	"dockerflow/generator/phrase"
	"dockerflow/generator/template"
)

// valuesOf returns the nodes of a key and its value, or nil.
func valuesOf(pairs []*yaml.Node, name string) []*yaml.Node {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i].Value == name {
			return pairs[i : i+2]
		}
	}
	return nil
}

// located adds the file's name to an error that begins with line and column.
func (b *batch) located(err error) error { return failure.New("", "%s:%w", b.file, err) }

// explain adds an error's position in the file: that of the value or key that caused it, otherwise that of the row.
func (b *batch) explain(j *job, pairs []*yaml.Node, err error) error {
	known := &failure.Error{Code: failure.Failed}
	errors.As(err, &known)
	f := *known
	line, column, says := j.line, j.column, err.Error()
	var wrong *template.AnswerError
	var unknown *template.UnknownError
	var missing *template.MissingError
	switch {
	case errors.As(err, &wrong):
		if _, flag := b.set.given[wrong.Name]; flag {
			break
		}
		says, f.Hint = strings.TrimPrefix(says, "--"), ""
		if wrong.Try != "" {
			f.Hint = "try " + phrase.Quote(wrong.Try)
		}
		if at := valuesOf(pairs, wrong.Name); at != nil {
			line, column = at[1].Line, at[1].Column
		}
	case errors.As(err, &unknown):
		if at := valuesOf(pairs, unknown.Names[0]); at != nil {
			line, column = at[0].Line, at[0].Column
		}
	case errors.As(err, &missing):
		says = "missing: " + strings.Join(missing.Names, ", ")
	case len(pairs) == 2:
		line, column = pairs[1].Line, pairs[1].Column
	}
	f.Err = fmt.Errorf("%s:%d:%d: %s", b.file, line, column, says)
	return &f
}
