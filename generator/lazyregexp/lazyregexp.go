// Package lazyregexp compiles regular expressions on first use, because most commands use none.
package lazyregexp

import (
	"regexp"
	"sync"
)

// New returns a function that compiles the pattern once, when it is first called.
func New(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
