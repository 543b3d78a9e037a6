// Package phrase formats the parts of messages that reports and errors share: counts and shell words.
package phrase

import (
	"fmt"
	"strings"
)

// Count formats a number of things: "1 file", "2 files".
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Quote quotes s as one word for a POSIX shell.
func Quote(s string) string {
	safe := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_-./:@%+,=", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !safe(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// Folder quotes a folder as one word for a POSIX shell, so that no program reads it as a flag.
func Folder(dir string) string {
	if strings.HasPrefix(dir, "-") {
		dir = "./" + dir
	}
	return Quote(dir)
}
