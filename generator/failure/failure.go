// Package failure defines the error that ends a command, with an exit code and a hint for the user.
package failure

import (
	"fmt"
	"strings"
)

// The exit codes, as for diff(1).
const (
	OK          = 0
	Finding     = 1   // a negative finding, such as a conflict
	Failed      = 2   // the command failed
	Interrupted = 130 // the shells' code for SIGINT
)

// Error is an error with an exit code and a hint.
type Error struct {
	Code int
	Err  error
	Hint string // what the user can do, or ""
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the underlying error.
func (e *Error) Unwrap() error { return e.Err }

// New returns an Error with exit code Failed.
func New(hint, format string, args ...any) error {
	return &Error{Failed, fmt.Errorf(format, args...), hint}
}

// List joins names for a message, and cuts long lists.
func List(names []string) string {
	const most = 20
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s, and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
