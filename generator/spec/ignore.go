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
}

// readIgnore prefers the Dockerfile's own file, as BuildKit does.
func (r *repo) readIgnore() (*ignore, error) {
	for _, name := range []string{"Dockerfile.dockerignore", ".dockerignore"} {
		data, err := r.read(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return parseIgnore(name, data)
	}
	return parseIgnore("", nil)
}

func parseIgnore(name string, data []byte) (*ignore, error) {
	i := &ignore{path: name}
	for n, line := range bytes.Split(data, []byte("\n")) {
		patterns, err := ignorefile.ReadAll(bytes.NewReader(line))
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
		for _, p := range patterns {
			i.patterns, i.lines = append(i.patterns, p), append(i.lines, n+1)
		}
	}
	var err error
	i.matcher, err = patternmatcher.New(i.patterns)
	return i, err
}

// shutsOut tells whether docker build does not see a path, and by which line.
func (i *ignore) shutsOut(name string) (line int, out bool) {
	if !matches(i.matcher, name) {
		return 0, false
	}
	for n := range i.patterns {
		m, err := patternmatcher.New(i.patterns[:n+1])
		if err != nil {
			return 0, true
		}
		if now := matches(m, name); now != out {
			line, out = i.lines[n], now
		}
	}
	return line, true
}

// matches walks down to the path, because a pattern that matches a folder matches what is in it.
func matches(m *patternmatcher.PatternMatcher, name string) bool {
	var out bool
	var parent patternmatcher.MatchInfo
	parts := strings.Split(name, "/")
	for n := range parts {
		var err error
		if out, parent, err = m.MatchesUsingParentResults(strings.Join(parts[:n+1], "/"), parent); err != nil {
			return false
		}
	}
	return out
}
