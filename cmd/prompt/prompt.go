// Package prompt asks for answers on a terminal, with a form or line by line. It is the only package that imports huh.
package prompt

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/charmbracelet/x/term"

	"dockerflow/cmd/output"
	"dockerflow/generator/failure"
	"dockerflow/generator/template"
)

// Kind is how missing answers are asked for.
type Kind int

// The kinds of prompts.
const (
	None  Kind = iota // never ask, because there is no terminal
	Lines             // one line per question, for plain terminals and screen readers
	Form              // a form on the whole screen
)

// The smallest terminal that can show the form.
const minColumns, minRows = 30, 8

// System returns the kind of prompt that standard input and standard error allow.
func System(err *output.Stream) Kind {
	if !term.IsTerminal(os.Stdin.Fd()) || err.Terminal() == nil {
		return None
	}
	if os.Getenv("TERM") == "dumb" || os.Getenv("ACCESSIBLE") != "" {
		return Lines
	}
	columns, rows := err.Size()
	if columns > 0 && (columns < minColumns || rows < minRows) {
		return Lines
	}
	return Form
}

// ErrInterrupted is returned when the user leaves the prompt.
var ErrInterrupted = &failure.Error{Code: failure.Interrupted, Err: errors.New("interrupted: nothing was written")}

// Terminal is the terminal that shows the questions.
type Terminal struct {
	Kind Kind
	In   io.Reader
	Out  *output.Stream
	Run  Runner // shows a form; nil runs it on the terminal
}

// Questions are the questions of templates, followed by a decision about a preview.
type Questions struct {
	Templates []*template.Template // with the defaults to suggest
	Given     map[string]string    // answers that are not asked for, by question, and the template's name
	Preview   func(given map[string]string) (*Preview, error)
}

// Preview describes what will be written, and the possible decisions.
type Preview struct {
	Says      string
	Decisions []Decision // the first one is the default
}

// Decision is one possible answer to the last question.
type Decision struct{ Says, Action string }

// Stop is the action of a decision that every preview should offer. For it, Ask returns ErrInterrupted.
const Stop = "stop"

// Ask asks for missing answers and for a decision. It returns all answers and the decision's action.
func (t Terminal) Ask(ctx context.Context, q Questions) (given map[string]string, action string, err error) {
	if t.Kind == Lines {
		given, action, err = t.askLines(ctx, q)
	} else {
		given, action, err = t.askForm(ctx, q)
	}
	if err == nil && action == Stop {
		err = ErrInterrupted
	}
	return given, action, err
}

// templateQuestion makes the choice of a template a question like any other.
func templateQuestion(all []*template.Template) template.Question {
	q := template.Question{Name: "template", Ask: "Template", Type: "choice"}
	for _, t := range all {
		q.Choices = append(q.Choices, template.Choice{Value: t.Name, About: t.About})
	}
	return q
}
