// Package quiet keeps start-up silent: bubbletea's init asks the terminal for its background colour, and waits five
// seconds on one that does not answer. This package has to be initialised before it, which Go does in the order of
// import paths: dockerflow stands before github.com.
package quiet

import "github.com/charmbracelet/lipgloss"

func init() { lipgloss.SetHasDarkBackground(true) }
