package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
)

// ignore is the file that says what docker build does not see.
type ignore struct {
	path     string // "" where there is none
	patterns []string
	lines    []int // of patterns
	matcher  *patternmatcher.PatternMatcher
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
		return parseIgnore(name, data)
	}
	return parseIgnore("", nil)
}

func parseIgnore(name string, data []byte) (*ignore, error) {
	i := &ignore{path: name, known: map[string]bool{}}
	for n, line := range bytes.Split(data, []byte("\n")) {
		patterns, err := ignorefile.ReadAll(bytes.NewReader(line))
		if err != nil {
			return i, fmt.Errorf("line %d: %w", n+1, err)
		}
		for _, p := range patterns {
			i.patterns, i.lines = append(i.patterns, p), append(i.lines, n+1)
		}
		if len(i.patterns) > maxPatterns {
			return i, fmt.Errorf("more than %d patterns", maxPatterns)
		}
	}
	var err error
	if i.matcher, err = patternmatcher.New(i.patterns); err != nil {
		return i, err
	}
	if _, err = match(i.matcher, "any"); err != nil { // compiles the patterns
		return i, err
	}
	return i, nil
}

// shutsOut tells whether docker build does not see a path, and by which line.
func (i *ignore) shutsOut(name string) (line int, out bool) {
	if !i.hides(name) {
		return 0, false
	}
	for n := len(i.patterns) - 1; n >= 0; n-- { // the last that matches decides
		p := i.patterns[n]
		if strings.HasPrefix(p, "!") {
			continue
		}
		one, err := patternmatcher.New([]string{p})
		if err != nil {
			continue
		}
		if hit, err := match(one, name); err == nil && hit {
			return i.lines[n], true
		}
	}
	return 0, true
}

// hides tells whether docker build does not see a path.
func (i *ignore) hides(name string) bool {
	if out, ok := i.known[name]; ok {
		return out
	}
	out, err := match(i.matcher, name)
	i.known[name] = out && err == nil
	return i.known[name]
}

// match walks down to the path, because a pattern that matches a folder matches what is in it.
func match(m *patternmatcher.PatternMatcher, name string) (out bool, err error) {
	var parent patternmatcher.MatchInfo
	for end := 0; end < len(name); {
		next := strings.IndexByte(name[end+1:], '/')
		if next < 0 {
			end = len(name)
		} else {
			end += 1 + next
		}
		if out, parent, err = m.MatchesUsingParentResults(name[:end], parent); err != nil {
			return false, err
		}
	}
	return out, nil
}
