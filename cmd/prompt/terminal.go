package prompt

import (
	"context"
	"errors"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/huh"
	"github.com/charmbracelet/lipgloss"
)

// runForm shows the form on the terminal. It checks ctx before other errors, because after a signal the program may return
// any error or none.
func (t Terminal) runForm(ctx context.Context, f Pages) error {
	lipgloss.SetColorProfile(t.Out.Profile()) // lipgloss would check standard output, which may be a pipe
	f.SubmitCmd, f.CancelCmd = tea.Quit, tea.Interrupt
	program := tea.NewProgram(f, tea.WithContext(ctx), tea.WithInput(t.In), tea.WithOutput(t.Out.Terminal()), tea.WithoutSignalHandler(),
		tea.WithFPS(120)) // the first page waits for the first tick
	_, err := program.Run()
	switch {
	case errors.Is(err, tea.ErrInterrupted), ctx.Err() != nil:
		return ErrInterrupted
	case err != nil:
		return err
	case f.State != huh.StateCompleted:
		return ErrInterrupted
	}
	return nil
}

// Pages are a form on a terminal.
type Pages struct{ *huh.Form }

// Update keeps the page's title on the screen: huh does not count the empty line above the help.
func (p Pages) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		size.Height--
		msg = size
	}
	_, cmd := p.Form.Update(msg)
	return p, cmd
}
