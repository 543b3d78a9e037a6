package cmd

import (
	"errors"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/huh"

	"dockerflow/generator"
)

// input is a text field which, on every key, shows the default that follows from the answers before it and what is
// wrong with what was typed. huh can do either later, in another goroutine; here it must not lag.
type input struct {
	*huh.Input
	refresh func()
}

func (f *form) input(q generator.Question, value *string) huh.Field {
	in := huh.NewInput().Title(q.Ask).Value(value).CharLimit(1000).Validate(func(s string) error {
		return f.judge(q.Name, s)
	})
	refresh := func() {
		t, q := f.question(q.Name)
		in.Placeholder(t.Suggest(q, f.given()))
		if err := f.judge(q.Name, *value); err != nil && *value != "" {
			in.Description(wrongStyle.Render("✗ " + err.Error()))
		} else {
			in.Description(q.Hint)
		}
	}
	refresh()
	return &input{in, refresh}
}

// judge takes an empty answer for the default.
func (f *form) judge(name, s string) error {
	t, q := f.question(name)
	s = strings.TrimSpace(s)
	if s == "" {
		s = t.Suggest(q, f.given())
	}
	_, err := q.Parse(s)
	if err == nil {
		return nil
	}
	return errors.New(wanted(err))
}

// wanted is an answer's error without the flag's name: the question stands above it.
func wanted(err error) string {
	var wrong *generator.AnswerError
	if !errors.As(err, &wrong) {
		return err.Error()
	}
	if wrong.Try != "" {
		return wrong.Want + ", such as " + wrong.Try
	}
	return wrong.Want
}

func (f *input) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	f.refresh()
	_, cmd := f.Input.Update(msg)
	f.refresh()
	return f, cmd
}

// review is the last page: what will be written, and whether to.
type review struct {
	*huh.Select[string]
	open func()
}

func (f *form) review() huh.Field {
	s := huh.NewSelect[string]().Value(&f.decision).Options(huh.NewOption("Stop", stop))
	return &review{s, func() {
		f.failed = nil
		v, err := f.o.preview(f.given())
		if err != nil {
			f.failed = err
			v = &preview{says: "✗ " + err.Error(), decisions: []decision{{"Stop", stop}}}
		}
		var options []huh.Option[string]
		for _, d := range v.decisions {
			options = append(options, huh.NewOption(d.says, d.action))
		}
		f.decision = v.decisions[0].action
		s.Options(options...).Value(&f.decision).Title("Write the service?").Description(v.says)
	}}
}

// Focus makes the preview anew: one may have gone back and changed an answer. The window's size comes again because
// the page needs another height now.
func (f *review) Focus() tea.Cmd {
	f.open()
	return tea.Batch(f.Select.Focus(), tea.WindowSize())
}

func (f *review) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	_, cmd := f.Select.Update(msg)
	return f, cmd
}
