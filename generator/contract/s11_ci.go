package contract

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"dockerflow/generator/budget"
	"dockerflow/generator/yamlnode"
)

var s11 = Rule{
	ID:     "S11",
	Level:  Must,
	Says:   "CI builds the image on every change, tests in the container, pushes the same tested image, keeps the logs and exposes no secret.",
	Source: "specification of 2016, Automating the Build; today, Building and Testing",
	URL:    pipelines,
	Needs:  "the CI configuration",
	Fix:    "Build once, docker run the tests, push that image; log in with --password-stdin and only where there are credentials.",
	repo:   ci,
}

// Where CI configurations lie.
const (
	circleFile  = "circle.yml"
	circleShim  = ".circleci/config.yml"
	workflowDir = ".github/workflows"
)

// otherSystems are the configurations of CI that may do a part of the work.
var otherSystems = []string{".taskcluster.yml", ".gitlab-ci.yml", "Jenkinsfile", ".travis.yml", "cloudbuild.yaml", "azure-pipelines.yml"}

// pipeline is all that the CI configurations of a repository say, with what is wrong in them.
type pipeline struct {
	budget    *budget.Budget
	files     []string
	jobs      []job
	found     findings
	undecided string

	steps   map[*value]ciStep // that were read, by their scripts
	filters map[*value]reach  // that were read
}

func (p *pipeline) fail(file string, line int, format string, args ...any) {
	p.budget.Steps(1)
	p.found.add(file, line, format, args...)
}

// strings are those of a value of the configuration.
func (p *pipeline) strings(v *value) []string {
	if v != nil {
		p.budget.Steps(len(v.list))
	}
	return v.strings()
}

// ci is S11.
func ci(r *repo) Verdict {
	p := &pipeline{budget: r.budget}
	r.circle(p)
	r.github(p)
	if len(p.files) == 0 {
		return unknown("there is no configuration of CircleCI or GitHub Actions")
	}
	for _, other := range otherSystems {
		if r.has(other) {
			p.undecided = other + " is not read here"
		}
	}
	tried := slices.ContainsFunc(p.jobs, p.tries)
	for _, j := range p.jobs {
		p.judgeJob(j, tried)
	}
	p.judgeFlow()
	return judge(p.found.all(), p.undecided)
}

// judgeFlow wants the whole way from a change to Docker Hub, whichever job has which part of it.
func (p *pipeline) judgeFlow() {
	has := map[string]bool{}
	opaque := false
	for _, j := range p.jobs {
		opaque = opaque || j.opaque
		for _, s := range j.steps {
			opaque = opaque || s.calls || p.undecided != ""
		}
		for _, a := range p.acts(j) {
			has[a.verb] = true
			has["every change"] = has["every change"] || a.verb == "build" && j.every
			if a.verb == "build" && slices.ContainsFunc(a.words, func(w string) bool { return strings.HasPrefix(w, "--push") }) {
				has["push"] = true
			}
		}
	}
	if opaque || !has["build"] && len(p.found.kept) == 0 {
		for _, part := range []string{"build", "run", "push"} {
			if !has[part] && p.undecided == "" {
				p.undecided = "no docker " + part + " is seen in " + strings.Join(p.files, ", ")
			}
		}
		return
	}
	file := p.files[len(p.files)-1]
	if len(p.jobs) > 0 {
		file = p.jobs[0].path
	}
	switch {
	case !has["build"]:
		p.fail(file, 0, "nothing builds the image")
	case !has["every change"]:
		p.fail(file, 0, "the image is not built on every change")
	}
	if !has["run"] {
		p.fail(file, 0, "nothing tests in the container: there is no docker run")
	}
	if !has["push"] {
		p.fail(file, 0, "nothing pushes the image")
	}
}

// load reads a configuration, and says what is wrong if it cannot.
func (r *repo) load(p *pipeline, name string) *value {
	data, err := r.read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	p.files = append(p.files, name)
	if err != nil {
		p.fail(name, 0, "%s", err)
		return nil
	}
	p.budget.Steps(len(data)) // a byte takes as long as a step
	v, err := parseYAML(data)
	var size *yamlnode.SizeError
	if errors.As(err, &size) {
		p.budget.Stop(&budget.ExceededError{What: "keys and values of " + name, Limit: size.Nodes})
	}
	if err != nil {
		line, text := yamlError(err)
		p.fail(name, line, "%s", text)
	}
	return v
}

// maxWorkflows bounds how many are read.
const maxWorkflows = 100

// workflows are the files of GitHub Actions.
func (r *repo) workflows() []string {
	var names []string
	dir, info, err := r.resolve(workflowDir)
	if err != nil || !info.IsDir() {
		return nil
	}
	entries, _ := readDir(r.files, dir, maxEntries)
	for _, e := range entries {
		if ext := path.Ext(e.Name()); (ext == ".yml" || ext == ".yaml") && len(names) < maxWorkflows {
			names = append(names, workflowDir+"/"+e.Name())
		}
	}
	return names
}

// ciMentions tells whether a CI configuration has a text in it.
func (r *repo) ciMentions(text string) bool {
	return slices.ContainsFunc(append(r.workflows(), circleFile, circleShim), func(file string) bool {
		data, err := r.read(file)
		return err == nil && strings.Contains(string(data), text)
	})
}
