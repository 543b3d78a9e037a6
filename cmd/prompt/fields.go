package prompt

import (
	"errors"
	"fmt"
	"math"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/huh"
	"github.com/charmbracelet/x/ansi"

	"dockerflow/cmd/output"
	"dockerflow/generator/template"
)

// input is a text field which, on every key, shows the default that follows from the answers before it and what is
// wrong with what was typed. huh can do either later, in another goroutine; here it must not lag.
type input struct {
	*huh.Input
	refresh func()
	size    *tea.WindowSizeMsg
}

// The lines of a page around its fields, and the columns beside them.
const title, help, bar = 2, 1, 2

func (f *form) input(q template.Question, value *string) huh.Field {
	in := huh.NewInput()
	in.WithTheme(f.theme)
	in.Title(output.Harmless(q.Ask)).Value(value).CharLimit(1000).Validate(func(s string) error {
		return f.judge(q.Name, s)
	})
	refresh := func() {
		t, q := f.question(q.Name)
		in.Placeholder(output.Harmless(t.Suggest(q, f.given())))
		const question, answer = 1, 1
		width, lines := f.size.Width-bar, f.size.Height-title-help-question-answer
		if err := f.judge(q.Name, *value); err != nil && (*value != "" || in.Error() != nil) {
			in.Description(wrongStyle.Render(fit("✗ "+err.Error(), width, lines)))
		} else {
			in.Description(fit(q.Hint, width, lines))
		}
	}
	refresh()
	return &input{in, refresh, &f.size}
}

// newSelect has its theme from the start: without one, huh makes its default theme anew whenever it measures a line.
func (f *form) newSelect() *huh.Select[string] {
	s := huh.NewSelect[string]()
	s.WithTheme(f.theme)
	return s
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
	var wrong *template.AnswerError
	if !errors.As(err, &wrong) {
		return err.Error()
	}
	if wrong.Try != "" {
		return wrong.Want + ", such as " + wrong.Try
	}
	return wrong.Want
}

func (f *input) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		*f.size = size
	}
	_, cmd := f.Input.Update(msg)
	f.refresh()
	return f, cmd
}

// choice is a list whose answers are a line each, with a hint that leaves them room.
type choice struct {
	*huh.Select[string]
	question template.Question
	value    *string
	size     *tea.WindowSizeMsg
	width    int // that the lines were cut to
}

func (f *form) choice(q template.Question, value *string) huh.Field {
	if *value == "" {
		*value = q.Default
	}
	c := &choice{f.newSelect().Title(output.Harmless(q.Ask)).Description(output.Harmless(q.Hint)), q, value, &f.size, 0}
	c.setOptions(math.MaxInt)
	return c
}

func (c *choice) setOptions(width int) {
	if width == c.width {
		return
	}
	c.width = width
	longest := 0
	for _, o := range c.question.Choices {
		longest = max(longest, len(o.Value))
	}
	var options []huh.Option[string]
	for _, o := range c.question.Choices {
		label := output.Harmless(strings.TrimRight(fmt.Sprintf("%-*s  %s", longest, o.Value, o.About), " "))
		options = append(options, huh.NewOption(ansi.Truncate(label, width, "…"), o.Value))
	}
	c.Options(options...).Value(c.value)
}

// Update implements huh.Field.
func (c *choice) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		*c.size = size
	}
	if c.size.Width > 0 {
		const question, selector = 1, 2
		c.setOptions(c.size.Width - bar - selector)
		c.Description(fit(c.question.Hint, c.size.Width-bar, c.size.Height-title-help-question-len(c.question.Choices)))
	}
	_, cmd := c.Select.Update(msg)
	return c, cmd
}

// review is the last page: what will be written, and whether to.
type review struct {
	*huh.Select[string]
	open  func() *Preview
	shown *Preview
}

func (f *form) review() huh.Field {
	s := f.newSelect().Value(&f.decision).Options(huh.NewOption("Stop", Stop))
	return &review{Select: s, open: func() *Preview {
		f.failed = nil
		v, err := f.Preview(f.given())
		if err != nil {
			f.failed = err
			v = &Preview{Says: "✗ " + err.Error(), Decisions: []Decision{{"Stop", Stop}}}
		}
		var options []huh.Option[string]
		for _, d := range v.Decisions {
			options = append(options, huh.NewOption(d.Says, d.Action))
		}
		f.decision = v.Decisions[0].Action
		s.Options(options...).Value(&f.decision).Description(output.Harmless(v.Says))
		return v
	}}
}

// Focus makes the preview anew: one may have gone back and changed an answer. The window's size comes again because
// the page needs another height now.
func (f *review) Focus() tea.Cmd {
	f.shown = f.open()
	return tea.Batch(f.Select.Focus(), tea.WindowSize())
}

// Update cuts the list of files where it would push the choices below it off the screen.
func (f *review) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if size, ok := msg.(tea.WindowSizeMsg); ok && f.shown != nil {
		f.Description(fit(f.shown.Says, size.Width-bar, size.Height-title-help-len(f.shown.Decisions)))
	}
	_, cmd := f.Select.Update(msg)
	return f, cmd
}

// fit wraps s at its spaces and cuts it to that many lines, but not below one, so that it pushes nothing off the
// screen. While the size is not known, it cuts nothing.
func fit(s string, width, lines int) string {
	s = output.Harmless(s)
	if width <= 0 {
		return s
	}
	all := strings.Split(ansi.Wrap(s, width, ""), "\n")
	lines = max(lines, 1)
	if len(all) > lines {
		all = all[:lines]
		all[lines-1] = ansi.Truncate(all[lines-1]+" …", width, " …")
	}
	return strings.Join(all, "\n")
}
