package pipeline

import (
	"errors"
	"fmt"
	"math/bits"
	"regexp"
	"regexp/syntax"
	"strings"
)

// ref is a branch or a tag that a pipeline runs for.
type ref struct{ branch, tag string }

func (r ref) String() string {
	if r.tag != "" {
		return "tag " + r.tag
	}
	return "branch " + r.branch
}

// refs are samples. CircleCI treats a pull request from a fork as a separate branch.
var refs = []ref{
	{branch: "main"}, {branch: "master"}, anyBranch: {branch: "feature/new"}, ofAFork: {branch: "pull/7"},
	firstTag: {tag: "v1.2.3"}, {tag: "1.2.3"}, {tag: "v2.0.0-rc.1"}, {tag: "2026.11.23"},
}

// The places of some of the refs.
const (
	anyBranch = 2
	ofAFork   = 3
	firstTag  = 4
)

// reach has a bit for each of the refs: whether a job runs for it, or whether that is not known.
type reach struct{ yes, unknown uint }

// may reports whether the job may run for a ref.
func (r reach) may(ref int) bool { return (r.yes|r.unknown)>>ref&1 == 1 }

// forTags reports whether a job may run for a tag. Without a filter, CircleCI runs nothing for a tag.
func (r reach) forTags() bool { return (r.yes|r.unknown)>>firstTag != 0 }

// without finds the first ref that a job certainly runs for, and the one that it requires certainly does not.
func (r reach) without(required reach) (missing ref, ok bool) {
	left := r.yes &^ (required.yes | required.unknown)
	if left == 0 {
		return ref{}, false
	}
	return refs[bits.TrailingZeros(left)], true
}

// passes reads a job's filter, once however many jobs have it. Both kinds are known, the mapping and the expression.
func (p *Reader) passes(filters *value) reach {
	if known, ok := p.filters[filters]; ok {
		return known
	}
	allowed := func(r ref) (bool, error) { return p.expression(filters.text, r) }
	if filters.string() == "" {
		branches, tags := p.allows(filters.get("branches"), true), p.allows(filters.get("tags"), false)
		allowed = func(r ref) (bool, error) {
			if r.tag == "" {
				return branches(r.branch), nil
			}
			return tags(r.tag), nil
		}
	}
	var all reach
	for i, r := range refs {
		switch ok, err := allowed(r); {
		case err != nil:
			all.unknown |= 1 << i
		case ok:
			all.yes |= 1 << i
		}
	}
	if p.filters == nil {
		p.filters = map[*value]reach{}
	}
	p.filters[filters] = all
	return all
}

// expression computes a filter that is an expression.
func (p *Reader) expression(text string, r ref) (bool, error) {
	if len(text) > maxExpression {
		p.Undecided = fmt.Sprintf("a filter is longer than %d bytes", maxExpression)
		return false, errors.New(p.Undecided)
	}
	return p.evaluate(text, map[string]string{
		"pipeline.git.branch":            r.branch,
		"pipeline.git.tag":               r.tag,
		"pipeline.git.branch.is_default": boolean(r.branch == "main"),
	})
}

// allows applies the filters only and ignore to a name.
func (p *Reader) allows(filter *value, unless bool) func(name string) bool {
	only, ignore := filter.get("only"), filter.get("ignore")
	switch {
	case filter == nil:
		return func(string) bool { return unless }
	case only != nil:
		return p.anyOf(only)
	case ignore != nil:
		matches := p.anyOf(ignore)
		return func(name string) bool { return !matches(name) }
	case filter.text == "":
		return func(string) bool { return true }
	}
	return p.anyOf(filter)
}

// anyOf matches a name against a list of names and patterns. An unsupported pattern matches.
func (p *Reader) anyOf(list *value) func(name string) bool {
	names, broken := map[string]bool{}, false
	var patterns []*regexp.Regexp
	for _, text := range p.strings(list) {
		if len(text) < 2 || !strings.HasPrefix(text, "/") || !strings.HasSuffix(text, "/") {
			names[text] = true
			continue
		}
		pattern, err := p.regexp(`^(?:` + text[1:len(text)-1] + `)$`)
		if err != nil {
			broken = true
			continue
		}
		patterns = append(patterns, pattern)
	}
	return func(name string) bool {
		for _, pattern := range patterns {
			if pattern.MatchString(name) {
				return true
			}
		}
		return broken || names[name]
	}
}

// maxPattern bounds a regular expression, in bytes.
const maxPattern = 1000

// regexp compiles a pattern of the repository's. A short one can have millions of states.
func (p *Reader) regexp(text string) (*regexp.Regexp, error) {
	if len(text) > maxPattern {
		return nil, fmt.Errorf("the pattern is longer than %d bytes", maxPattern)
	}
	p.Budget.Steps(10 * len(text))
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, err
	}
	p.Budget.Steps(10 * states(parsed))
	return regexp.Compile(text)
}

// states is about how many states and ranges of characters a pattern compiles to.
func states(re *syntax.Regexp) int {
	n := 1 + len(re.Rune)
	for _, sub := range re.Sub {
		n += states(sub)
	}
	if re.Op == syntax.OpRepeat {
		n *= max(re.Min, re.Max, 1)
	}
	return n
}
