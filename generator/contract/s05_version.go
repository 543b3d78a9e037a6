package contract

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"dockerflow/generator/budget"
	"dockerflow/generator/contract/dockerfile"
	"dockerflow/generator/contract/shell"
)

var s05 = Rule{
	ID:     "S5",
	Level:  Must,
	Says:   "The image contains /app/version.json, and .dockerignore does not exclude it.",
	Source: "current specification, Containerized App Requirements 3",
	URL:    required,
	Needs:  aDockerfile,
	Fix:    "Add COPY version.json /app/ and allow the file in .dockerignore.",
	repo:   onDockerfile(versionFile),
	image:  onFiles((*Image).version),
}

// versionFile is S5.
func versionFile(r *repo) Verdict {
	const name = "version.json"
	last := r.docker.Final()
	places := r.docker.Places(last, name)
	i := slices.IndexFunc(places, func(p dockerfile.Place) bool { return p.Path == "/app/"+name })
	line, out := r.ignore.ShutsOut(r.budget, name)
	var found []Finding
	if i < 0 {
		if why := r.hidesVersion(last, places); why != "" {
			return unknown(why)
		}
	}
	switch {
	case i < 0 && len(places) > 0:
		found = append(found, at(places[0].By.Line, "version.json is copied to %s", places[0].Path))
	case i < 0:
		found = append(found, at(last.Line, "version.json is not copied to /app"))
	case out:
		found = append(found, Finding{r.ignore.Path, line, "version.json is excluded"})
	}
	undecided := ""
	if text, err := r.read(name); err == nil {
		found = append(found, badVersion(name, text)...)
	} else if !errors.Is(err, fs.ErrNotExist) {
		found = append(found, Finding{name, 0, "version.json is " + err.Error()})
	} else if !r.ciMentions(name) {
		undecided = "version.json is not in the repository, and no CI configuration in it writes the file"
	}
	return judge(found, undecided)
}

// hidesVersion names the step through which version.json may reach /app unseen.
func (r *repo) hidesVersion(last *dockerfile.Stage, places []dockerfile.Place) string {
	if r.docker.Says(last, "version.json") {
		return "a RUN may add version.json"
	}
	for _, p := range places {
		if strings.Contains(p.Path, "$") {
			return "the destination of version.json comes from a build variable"
		}
	}
	for st := range last.Steps() {
		for _, c := range dockerfile.Runs(st) {
			inner, hidden := r.script(last, st, c)
			if hidden || inner.version {
				return c.Words[0] + " may add version.json"
			}
		}
		c, ok := st.Copying()
		if !ok || !dockerfile.Within("/app", c.Dest()) {
			continue
		}
		from := r.docker.Stage(c.From)
		if c.From != "" && from == nil {
			return "the image " + c.From + " may contain version.json"
		}
		if c.From == "" && slices.ContainsFunc(c.SourcePaths, archive) {
			return "an archive may contain version.json"
		}
		if from != nil && from.Line < last.Line {
			for _, source := range c.SourcePaths {
				if why := r.builds(from, path.Clean("/"+source)); why != "" {
					return why + " may create version.json"
				}
			}
		}
	}
	return ""
}

// builds names the command of a stage that may put more files into a folder than can be seen.
func (r *repo) builds(s *dockerfile.Stage, folder string) (why string) {
	for ; s != nil; s = s.Parent {
		r.budget.Steps(1)
		known := r.buildsOf(s)
		if known.words[folder] || known.words["-o="+folder] { // it makes the file itself, such as go build -o
			return ""
		}
		if known.why != "" {
			why = known.why
		}
	}
	return why
}

// builds is the result of the commands of a stage.
type builds struct {
	words map[string]bool // all that are in them
	why   string          // the command that may put anything anywhere
}

func (r *repo) buildsOf(s *dockerfile.Stage) *builds {
	if known := r.built[s]; known != nil {
		return known
	}
	all := &builds{words: map[string]bool{}}
	for _, st := range s.Own {
		for _, c := range dockerfile.Runs(st) {
			for _, w := range c.Words {
				r.budget.Bytes(budget.BytesOfString)
				all.words[w] = true
			}
			if all.why == "" {
				all.why = r.mayBuild(s, st, c)
			}
		}
	}
	if r.built == nil {
		r.built = map[*dockerfile.Stage]*builds{}
	}
	r.built[s] = all
	return all
}

// mayBuild names a command that may put files into place unseen.
func (r *repo) mayBuild(s *dockerfile.Stage, st dockerfile.Step, c shell.Command) string {
	program := path.Base(c.Words[0])
	switch {
	case slices.Contains([]string{"make", "just", "task", "grunt", "gulp", "webpack"}, program),
		slices.Contains([]string{"npm", "yarn", "pnpm", "bun"}, program) && len(c.Words) > 1 && installer(c) == "" && c.Words[1] != "prune" && c.Words[1] != "config" && c.Words[1] != "cache",
		slices.Contains([]string{"node", "python", "python3", "ruby"}, program) && installer(c) == "":
		return strings.Join(c.Words[:min(3, len(c.Words))], " ")
	}
	if _, hidden := r.script(s, st, c); hidden {
		return c.Words[0]
	}
	return ""
}

// badVersion returns the faults of a version.json.
func badVersion(name string, text []byte) []Finding {
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		return []Finding{{name, 1, "it is not a JSON object: " + err.Error()}}
	}
	var found []Finding
	for _, key := range []string{"source", "version", "commit", "build"} {
		if _, ok := object[key].(string); !ok {
			found = append(found, Finding{name, 1, fmt.Sprintf("it lacks the string %q", key)})
		}
	}
	return found
}

// version is S5.
func (i *Image) version() Verdict {
	if why := i.Unclear(); why != "" {
		return unknown(why)
	}
	f, link := i.File("app/" + VersionName)
	var r Faults
	switch {
	case f == nil && link != "":
		return unknown("/app/version.json is a link to " + link)
	case f == nil:
		r.Add("/app/version.json is missing")
	case f.Dir():
		r.Add("/app/version.json is a folder")
	case f.Size > MaxContent:
		r.Add("/app/version.json is too large: %d bytes", f.Size)
	default:
		for _, p := range badVersion("", f.Content) {
			r.Add("/app/version.json: %s", p.Text)
		}
	}
	return r.judge("")
}
