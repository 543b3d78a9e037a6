package contract

import (
	"regexp"
	"sync"
)

// lazy is a pattern that is compiled when it is first used: most commands of the program use none of them.
func lazy(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
