// Package prompt asks for answers on a terminal: by a form, or a line at a time. No other package imports huh.
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

// Kind is the way to ask for what is missing.
type Kind int

// The ways to ask.
const (
	None  Kind = iota // no terminal: never ask
	Lines             // a line a question, for plain terminals and screen readers
	Form              // pages that are drawn
)

// The smallest terminal that the form is drawn on.
const minColumns, minRows = 30, 8

// System is the way to ask that standard input and standard error allow.
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

// ErrInterrupted is returned when the user leaves.
var ErrInterrupted = &failure.Error{Code: failure.Interrupted, Err: errors.New("interrupted: nothing was written")}

// Terminal is where questions are asked.
type Terminal struct {
	Kind Kind
	In   io.Reader
	Out  *output.Stream
	Run  Runner // shows a form; nil for the terminal itself
}

// Questions are those of templates, and a last one.
type Questions struct {
	Templates []*template.Template // with the defaults that are proposed
	Given     map[string]string    // what is not asked: by question, and the template's name
	Preview   func(given map[string]string) (*Preview, error)
}

// Preview is what the last question is asked about.
type Preview struct {
	Says      string
	Decisions []Decision // the first one is proposed
}

// Decision is one way to go on.
type Decision struct{ Says, Action string }

// Stop is the action of a decision that every preview should offer. Ask returns it as ErrInterrupted.
const Stop = "stop"

// Ask asks for what is not given, and for a decision. It returns all answers, and the decision's action.
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

// templateQuestion asks for the template like for any other answer.
func templateQuestion(all []*template.Template) template.Question {
	q := template.Question{Name: "template", Ask: "What to make", Type: "choice"}
	for _, t := range all {
		q.Choices = append(q.Choices, template.Choice{Value: t.Name, About: t.About})
	}
	return q
}
