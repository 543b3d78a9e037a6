package dockerfile

import (
	"strings"

	"github.com/moby/patternmatcher"

	"dockerflow/generator/budget"
)

// matcher matches paths against patterns as docker build does, within a budget.
type matcher struct {
	*patternmatcher.PatternMatcher
	count   int
	weight  int // of the patterns that are regular expressions
	folders map[string]patternmatcher.MatchInfo
}

func newMatcher(b *budget.Budget, patterns []string) (*matcher, error) {
	m := &matcher{count: len(patterns), folders: map[string]patternmatcher.MatchInfo{}}
	for _, p := range patterns {
		b.Steps(20 + len(p)*(5+len(p)/budget.BytesOfCopy)) // the library adds rune by rune to a string
		b.Bytes(len(p) * 20)
		if wild := strings.Count(p, "*") + strings.Count(p, "?"); wild > 0 || strings.Contains(p, "[") {
			m.weight += 1 + (1+wild)*len(p)/16
		}
	}
	var err error
	if m.PatternMatcher, err = patternmatcher.New(patterns); err != nil {
		return nil, err
	}
	_, err = m.match(b, "any") // compiles the patterns
	return m, err
}

// match checks each folder on the way to the path, because a pattern that matches a folder matches its content. It
// caches folders.
func (m *matcher) match(b *budget.Budget, name string) (out bool, err error) {
	var parent patternmatcher.MatchInfo
	for end := 0; end < len(name); {
		if next := strings.IndexByte(name[end+1:], '/'); next < 0 {
			end = len(name)
		} else {
			end += 1 + next
		}
		known, ok := m.folders[name[:end]]
		if ok && end < len(name) {
			parent = known
			continue
		}
		b.Steps(1 + m.count/8 + m.weight*(1+end/budget.BytesOfStep))
		if out, parent, err = m.MatchesUsingParentResults(name[:end], parent); err != nil {
			return false, err
		}
		if end < len(name) {
			b.Bytes(m.count + budget.BytesOfWord)
			m.folders[name[:end]] = parent
		}
	}
	return out, nil
}
