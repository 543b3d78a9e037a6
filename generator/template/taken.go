package template

import (
	"fmt"
	"strings"
)

// Taken maps names that no question may have to what uses them, such as "is a flag of dockerflow new". Loading a
// template needs it: a question with the name of a flag would replace that flag, or be lost.
type Taken map[string]string

// Add adds a name. It also reserves names that differ only in case, hyphens or underscores: --no_git would be read as
// --no-git.
func (t Taken) Add(name, what string) { t[squeezed(name)] = what }

// Has returns what uses a name, or "".
func (t Taken) Has(name string) string { return t[squeezed(name)] }

// refuse returns the error for a question with a taken name.
func (t Taken) refuse(name string) error {
	if what := t.Has(name); what != "" {
		return fmt.Errorf("the name %s: want another name", what)
	}
	return nil
}

func squeezed(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(name))
}
