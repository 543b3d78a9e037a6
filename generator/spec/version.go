package spec

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// versionFile is S5.
func versionFile(r *repo) Verdict {
	const name = "version.json"
	last := r.docker.final()
	places := r.docker.places(last, name)
	i := slices.IndexFunc(places, func(p place) bool { return p.path == "/app/"+name })
	line, out := r.ignore.shutsOut(name)
	var found []Finding
	switch {
	case i < 0 && r.docker.mentions(last, name):
		return unknown("a RUN may put version.json into place")
	case i < 0 && len(places) > 0:
		found = append(found, at(places[0].by.line, "version.json ends up as %s", places[0].path))
	case i < 0:
		found = append(found, at(last.line, "version.json is not copied to /app"))
	case out:
		found = append(found, Finding{r.ignore.path, line, "version.json is shut out"})
	}
	undecided := ""
	if text, err := r.read(name); err == nil {
		found = append(found, badVersion(name, text)...)
	} else if !r.ciWrites(name) {
		undecided = "version.json is not in the repository, and no CI configuration here writes it"
	}
	return judge(found, undecided)
}

// badVersion says what is wrong with the content of a version.json.
func badVersion(name string, text []byte) []Finding {
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		return []Finding{{name, 1, "it is no JSON object: " + err.Error()}}
	}
	var found []Finding
	for _, key := range []string{"source", "version", "commit", "build"} {
		if _, ok := object[key].(string); !ok {
			found = append(found, Finding{name, 1, fmt.Sprintf("it has no string %q", key)})
		}
	}
	return found
}

// mentions tells whether a RUN of the stage, or of one that it copies from, has a word in it.
func (d *dockerfile) mentions(s *stage, text string) bool {
	for _, from := range append(d.sources(s), s) {
		for _, st := range from.steps() {
			run, ok := st.Command.(*instructions.RunCommand)
			if ok && strings.Contains(run.String(), text) {
				return true
			}
		}
	}
	return false
}
