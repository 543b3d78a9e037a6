package tree

import (
	"fmt"
)

// What a template may be and do at most. It may come from anyone: nothing in it may hang the program or eat its memory.
const (
	MaxFiles    = 20_000    // files of a template, and of what it makes
	MaxFile     = 16 << 20  // bytes of one of them
	MaxTree     = 128 << 20 // bytes of all of them
	MaxText     = 1 << 20   // bytes of what is parsed: a .tmpl, a part, a manifest
	MaxElements = 32        // elements of a path
	MaxPath     = 200       // bytes of a path: Windows allows 260 with the folder's own
)

// LimitError tells that a template wants more than any may have.
type LimitError struct {
	File  string // of the template, or ""
	What  string // what there is a limit for
	Limit int
}

func (e *LimitError) Error() string {
	s := fmt.Sprintf("want at most %s %s", amount(e.Limit), e.What)
	if e.File != "" {
		s = e.File + ": " + s
	}
	return s
}

func amount(n int) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprint(n)
}
