package template

import (
	"fmt"
	"strings"
)

// Taken has the names that no question may have, each with what has it, such as "is a flag of dockerflow new". Loading
// a template wants it: a question that takes the name of a flag would replace that flag, or be lost.
type Taken map[string]string

// Add enters a name. One that differs only in case, hyphens or underscores is taken with it: --no_git would be read as
// --no-git.
func (t Taken) Add(name, what string) { t[squeezed(name)] = what }

// Has says what has a name, or "".
func (t Taken) Has(name string) string { return t[squeezed(name)] }

// refuse is the error of a question that has a taken name.
func (t Taken) refuse(name string) error {
	if what := t.Has(name); what != "" {
		return fmt.Errorf("the name %s: want another one", what)
	}
	return nil
}

func squeezed(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(name))
}
