package spec

import (
	"regexp"
	"slices"
	"strings"
)

// ref is what a pipeline runs for: a branch, or else a tag.
type ref struct{ branch, tag string }

func (r ref) String() string {
	if r.tag != "" {
		return "tag " + r.tag
	}
	return "branch " + r.branch
}

// refs are samples. A pull request from a fork is a branch of its own to CircleCI.
var (
	anyBranch = ref{branch: "feature/new"}
	ofAFork   = ref{branch: "pull/7"}
	tags      = []ref{{tag: "v1.2.3"}, {tag: "1.2.3"}, {tag: "v2.0.0-rc.1"}, {tag: "2026.11.23"}}
	refs      = append([]ref{{branch: "main"}, {branch: "master"}, anyBranch, ofAFork}, tags...)
)

// passes tells whether a job's filter lets it run for a ref. Both kinds are known, the mapping and the expression.
func passes(filters *value, r ref) (bool, error) {
	if filters != nil && filters.text != "" {
		return evaluate(filters.text, map[string]string{
			"pipeline.git.branch":            r.branch,
			"pipeline.git.tag":               r.tag,
			"pipeline.git.branch.is_default": boolean(r.branch == "main"),
		})
	}
	if r.tag == "" {
		return allows(filters.get("branches"), r.branch, true), nil
	}
	return allows(filters.get("tags"), r.tag, false), nil
}

// allows applies only and ignore.
func allows(filter *value, name string, unless bool) bool {
	matches := func(p string) bool {
		if len(p) < 2 || !strings.HasPrefix(p, "/") || !strings.HasSuffix(p, "/") {
			return p == name
		}
		pattern, err := regexp.Compile(`^(?:` + p[1:len(p)-1] + `)$`)
		return err != nil || pattern.MatchString(name)
	}
	if filter == nil {
		return unless
	}
	if only := filter.get("only"); only != nil {
		return slices.ContainsFunc(only.strings(), matches)
	}
	if ignore := filter.get("ignore"); ignore != nil {
		return !slices.ContainsFunc(ignore.strings(), matches)
	}
	return filter.text == "" || matches(filter.text)
}
