package prompt

import (
	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/huh"
	"github.com/charmbracelet/lipgloss"
)

func keys() *huh.KeyMap {
	k := huh.NewDefaultKeyMap()
	k.Quit = key.NewBinding(key.WithKeys("ctrl+c", "esc"))
	k.Select.Filter = key.NewBinding()      // the lists are short,
	k.Select.SetFilter = key.NewBinding()   // and esc must
	k.Select.ClearFilter = key.NewBinding() // leave the form
	return k
}

// theme uses the terminal's sixteen colours, which suit any background.
func theme() *huh.Theme {
	t := huh.ThemeBase16()
	t.Group.Title = t.Focused.Title.MarginBottom(1)
	grey := lipgloss.NewStyle().Foreground(lipgloss.Color("8"))
	t.Help.ShortKey, t.Help.ShortDesc, t.Help.ShortSeparator = grey, grey, grey
	for _, s := range []*huh.FieldStyles{&t.Focused, &t.Blurred} { // white text is invisible on white
		s.Option, s.UnselectedOption = s.Option.UnsetForeground(), s.UnselectedOption.UnsetForeground()
		s.TextInput.Text = s.TextInput.Text.UnsetForeground()
	}
	return t
}

var wrongStyle = lipgloss.NewStyle().Foreground(lipgloss.Color("1"))
