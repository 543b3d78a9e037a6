// Package failure has the errors that end a command: they know the exit code and what the user can do.
package failure

import "fmt"

// The exit codes, as diff(1) has them.
const (
	OK          = 0
	Finding     = 1   // a negative finding, such as a conflict
	Failed      = 2   // it could not be done
	Interrupted = 130 // as shells report SIGINT
)

// Error ends a command with an exit code.
type Error struct {
	Code int
	Err  error
	Hint string // what the user can do, or ""
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the error that the command failed with.
func (e *Error) Unwrap() error { return e.Err }

// New returns an Error for what could not be done.
func New(hint, format string, args ...any) error {
	return &Error{Failed, fmt.Errorf(format, args...), hint}
}
