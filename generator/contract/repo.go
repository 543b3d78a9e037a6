package contract

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"dockerflow/generator/budget"
	"dockerflow/generator/contract/dockerfile"
)

// Options configure a check of a repository.
type Options struct {
	Dockerfile string // its path in the repository; "" for Dockerfile
}

// repo is a repository, read once for all rules.
type repo struct {
	files  fs.FS
	name   string         // of the Dockerfile
	budget *budget.Budget // of the rule that is being judged
	left   int            // steps, for all that is still to be judged
	docker *dockerfile.File
	ignore *dockerfile.Ignore
	broken *Finding // why there is no docker or ignore
	other  string   // why that is no fault

	listed  []string // of tree
	cut     bool
	found   map[fileOf]*contents
	scripts map[call]*script
	starts  *entry // of the last stage
	built   map[*dockerfile.Stage]*builds
	sources []string          // of holdsCode
	judged  map[string]string // by isSource
}

// readDocker reads the Dockerfile and its .dockerignore, or records why it cannot.
func (r *repo) readDocker(o Options) {
	data, err := r.read(r.name)
	if errors.Is(err, fs.ErrNotExist) {
		r.broken = &Finding{Text: "there is no " + r.name}
		if others := r.dockerfiles(); o.Dockerfile == "" && len(others) > 0 {
			r.other = "there is no Dockerfile here, but " + strings.Join(others, ", ")
		}
		return
	}
	if err == nil {
		r.docker, err = dockerfile.Parse(r.budget, data)
	}
	if err != nil {
		text, _, _ := strings.Cut(plainText(err), " (did you mean ") // of two that are as near, BuildKit names any
		r.broken = &Finding{Path: r.name, Line: dockerfile.LineOf(err), Text: text}
		return
	}
	if r.ignore, err = r.readIgnore(); err != nil {
		r.broken = &Finding{Path: r.ignore.Path, Text: err.Error()}
	}
}

// plainText formats an error as one line of limited length.
func plainText(err error) string {
	text := strings.ToValidUTF8(strings.Join(strings.Fields(err.Error()), " "), "?")
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "…"
	}
	return text
}

// dockerfiles finds Dockerfiles with another name or in a subfolder.
func (r *repo) dockerfiles() []string {
	all, _ := r.tree()
	var found []string
	for _, name := range all {
		base := path.Base(name)
		if (base == "Dockerfile" || base == "Containerfile" || strings.HasPrefix(base, "Dockerfile.") ||
			strings.HasSuffix(base, ".Dockerfile") || strings.HasSuffix(base, ".dockerfile")) &&
			!strings.HasSuffix(base, ".dockerignore") && len(found) < 5 {
			found = append(found, name)
		}
	}
	return found
}

// onDockerfile adapts a check that needs the Dockerfile. A finding without a path is in the Dockerfile.
func onDockerfile(check func(*repo) Verdict) func(*repo) Verdict {
	return func(r *repo) Verdict {
		if r.broken != nil {
			return unknown(cmp.Or(r.other, r.broken.Text))
		}
		v := check(r)
		for i := range v.Findings {
			if v.Findings[i].Path == "" {
				v.Findings[i].Path = r.name
			}
		}
		slices.SortStableFunc(v.Findings, func(a, b Finding) int {
			return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line))
		})
		return v
	}
}

// at returns a finding in the Dockerfile.
func at(line int, format string, args ...any) Finding {
	return Finding{Line: line, Text: short(fmt.Sprintf(format, args...))}
}
