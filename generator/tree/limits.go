package tree

import (
	"fmt"
)

// The limits of a template. A template may come from anyone, and none may hang the program or exhaust its memory.
const (
	MaxFiles    = 20_000    // files in a template, and files that it generates
	MaxFile     = 16 << 20  // bytes in one file
	MaxTree     = 128 << 20 // bytes in all files
	MaxText     = 1 << 20   // bytes in a file that is parsed: a .tmpl, a part, a manifest
	MaxElements = 32        // elements in a path
	MaxPath     = 200       // bytes in a path: Windows allows 260, including the path of the project
)

// LimitError reports that a template exceeds a limit.
type LimitError struct {
	File  string // of the template, or ""
	What  string // what is limited
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
