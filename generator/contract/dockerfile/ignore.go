package dockerfile

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/moby/patternmatcher/ignorefile"

	"dockerflow/generator/budget"
)

// Ignore is a .dockerignore file: what docker build excludes.
type Ignore struct {
	Path     string // "" where there is none
	patterns []string
	lines    []int // of patterns
	matcher  *matcher
	known    map[string]bool // what was asked already
}

// maxPatterns bounds the lines: each costs time for every file.
const maxPatterns = 1000

// ParseIgnore reads the text of a .dockerignore of this name.
func ParseIgnore(b *budget.Budget, name string, data []byte) (*Ignore, error) {
	i := &Ignore{Path: name, known: map[string]bool{}}
	n := 0
	for line := range bytes.SplitSeq(data, []byte("\n")) {
		b.Steps(1 + len(line)/budget.BytesOfStep)
		if n++; len(bytes.TrimSpace(line)) == 0 || line[0] == '#' {
			continue
		}
		b.Steps(10 + len(line)/budget.BytesOfRunes)
		patterns, err := ignorefile.ReadAll(bytes.NewReader(line))
		if err != nil {
			return i, fmt.Errorf("line %d: %w", n, err)
		}
		for _, p := range patterns {
			i.patterns, i.lines = append(i.patterns, p), append(i.lines, n)
		}
		if len(i.patterns) > maxPatterns {
			return i, fmt.Errorf("more than %d patterns", maxPatterns)
		}
	}
	var err error
	i.matcher, err = newMatcher(b, i.patterns)
	return i, err
}

// ShutsOut reports whether docker build excludes a path, and by which line.
func (i *Ignore) ShutsOut(b *budget.Budget, name string) (line int, out bool) {
	if !i.Hides(b, name) {
		return 0, false
	}
	for n := len(i.patterns) - 1; n >= 0; n-- { // the last that matches decides
		p := i.patterns[n]
		if strings.HasPrefix(p, "!") {
			continue
		}
		one, err := newMatcher(b, []string{p})
		if err != nil {
			continue
		}
		if hit, err := one.match(b, name); err == nil && hit {
			return i.lines[n], true
		}
	}
	return 0, true
}

// Hides reports whether docker build excludes a path.
func (i *Ignore) Hides(b *budget.Budget, name string) bool {
	b.Steps(1 + len(name)/budget.BytesOfStep)
	if out, ok := i.known[name]; ok {
		return out
	}
	out, err := i.matcher.match(b, name)
	i.known[name] = out && err == nil
	return i.known[name]
}
