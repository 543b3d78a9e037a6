package contract

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/moby/patternmatcher/ignorefile"

	"dockerflow/generator/budget"
)

// ignore is the file that says what docker build does not see.
type ignore struct {
	path     string // "" where there is none
	patterns []string
	lines    []int // of patterns
	matcher  *matcher
	known    map[string]bool // what was asked already
}

// maxPatterns bounds the lines: each costs time for every file.
const maxPatterns = 1000

// readIgnore prefers the Dockerfile's own file, as BuildKit does.
func (r *repo) readIgnore() (*ignore, error) {
	for _, name := range []string{r.name + ".dockerignore", ".dockerignore"} {
		data, err := r.read(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return &ignore{path: name}, err
		}
		return parseIgnore(r.budget, name, data)
	}
	return parseIgnore(r.budget, "", nil)
}

func parseIgnore(b *budget.Budget, name string, data []byte) (*ignore, error) {
	i := &ignore{path: name, known: map[string]bool{}}
	n := 0
	for line := range bytes.SplitSeq(data, []byte("\n")) {
		b.Steps(1 + len(line)/bytesOfStep)
		if n++; len(bytes.TrimSpace(line)) == 0 || line[0] == '#' {
			continue
		}
		b.Steps(10 + len(line)/bytesOfRunes)
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

// shutsOut tells whether docker build does not see a path, and by which line.
func (i *ignore) shutsOut(b *budget.Budget, name string) (line int, out bool) {
	if !i.hides(b, name) {
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

// hides reports whether docker build does not see a path.
func (i *ignore) hides(b *budget.Budget, name string) bool {
	b.Steps(1 + len(name)/bytesOfStep)
	if out, ok := i.known[name]; ok {
		return out
	}
	out, err := i.matcher.match(b, name)
	i.known[name] = out && err == nil
	return i.known[name]
}

// hides reports whether docker build does not see a file of the repository.
func (r *repo) hides(name string) bool { return r.ignore.hides(r.budget, name) }
