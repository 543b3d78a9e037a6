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

// input is a text field. On every key press it shows the default that follows from earlier answers, or the error in the
// current text. huh would do either later in another goroutine, which lags.
type input struct {
	*huh.Input
	refresh func()
	size    *tea.WindowSizeMsg
}

// The lines of a page above and below its fields, and the columns beside them.
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

// newSelect sets the theme at once: without a theme, huh builds its default theme whenever it measures a line.
func (f *form) newSelect() *huh.Select[string] {
	s := huh.NewSelect[string]()
	s.WithTheme(f.theme)
	return s
}

// judge validates an answer. An empty answer means the default.
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

// wanted returns an answer's error without the flag's name, because the question is shown above it.
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

// choice is a list with one line per answer. Its hint is cut so that the answers fit on the screen.
type choice struct {
	*huh.Select[string]
	question template.Question
	value    *string
	size     *tea.WindowSizeMsg
	width    int // the width that the lines are cut to
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

// review is the last page. It shows what will be written and asks for a decision.
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

// Focus renews the preview, because the user may have changed answers. It requests the window's size again, because the page
// needs another height now.
func (f *review) Focus() tea.Cmd {
	f.shown = f.open()
	return tea.Batch(f.Select.Focus(), tea.WindowSize())
}

// Update cuts the list of files so that the choices below it stay on the screen.
func (f *review) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if size, ok := msg.(tea.WindowSizeMsg); ok && f.shown != nil {
		f.Description(fit(f.shown.Says, size.Width-bar, size.Height-title-help-len(f.shown.Decisions)))
	}
	_, cmd := f.Select.Update(msg)
	return f, cmd
}

// fit wraps s at spaces and cuts it to the given number of lines, at least one. If the width is not known yet, it does
// neither.
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
