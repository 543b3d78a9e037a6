package contract

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"dockerflow/generator/contract/pipeline"
	"dockerflow/generator/contract/shell"
	"dockerflow/generator/lazyregexp"
)

var s11 = Rule{
	ID:     "S11",
	Level:  Must,
	Says:   "CI builds the image on every change, tests it in a container, pushes the tested image, keeps the logs and exposes no secrets.",
	Source: "2016 specification, Automating the Build; current specification, Building and Testing",
	URL:    pipelines,
	Needs:  "the CI configuration",
	Fix:    "Build once, test that image with docker run, then push it; log in with --password-stdin, only where credentials exist.",
	repo:   ci,
}

// otherSystems are the configurations of CI that may do a part of the work.
var otherSystems = []string{".taskcluster.yml", ".gitlab-ci.yml", "Jenkinsfile", ".travis.yml", "cloudbuild.yaml", "azure-pipelines.yml"}

// ciCheck judges the CI configurations of a repository.
type ciCheck struct {
	*pipeline.Reader
	found findings
}

// ci is S11.
func ci(r *repo) Verdict {
	c := &ciCheck{}
	c.Reader = pipeline.New(r.budget, pipeline.Files{Read: r.read, Has: r.has, Workflows: r.workflows}, c.found.add)
	if setup, ok := c.Circle(); ok {
		c.judgeTags(setup)
		r.badge(c)
	}
	c.GitHub()
	if len(c.Files) == 0 {
		return unknown("no CircleCI or GitHub Actions configuration found")
	}
	for _, other := range otherSystems {
		if r.has(other) {
			c.Undecided = other + " is not checked"
		}
	}
	tried := slices.ContainsFunc(c.Jobs, c.tries)
	for _, j := range c.Jobs {
		c.judgeJob(j, tried)
	}
	c.judgeFlow()
	return judge(c.found.all(), c.Undecided)
}

// judgeFlow requires the whole way from a change to Docker Hub, in whichever jobs.
func (p *ciCheck) judgeFlow() {
	has := map[string]bool{}
	opaque := false
	for _, j := range p.Jobs {
		opaque = opaque || j.Opaque
		for _, s := range j.Steps {
			opaque = opaque || s.Calls || p.Undecided != ""
		}
		for _, a := range p.Acts(j) {
			has[a.Verb] = true
			has["every change"] = has["every change"] || a.Verb == "build" && j.Every
			if a.Verb == "build" && slices.ContainsFunc(a.Words, func(w string) bool { return strings.HasPrefix(w, "--push") }) {
				has["push"] = true
			}
		}
	}
	if opaque || !has["build"] && len(p.found.kept) == 0 {
		for _, part := range []string{"build", "run", "push"} {
			if !has[part] && p.Undecided == "" {
				p.Undecided = "no docker " + part + " found in " + strings.Join(p.Files, ", ")
			}
		}
		return
	}
	file := p.Files[len(p.Files)-1]
	if len(p.Jobs) > 0 {
		file = p.Jobs[0].Path
	}
	switch {
	case !has["build"]:
		p.Fail(file, 0, "nothing builds the image")
	case !has["every change"]:
		p.Fail(file, 0, "the image is not built on every change")
	}
	if !has["run"] {
		p.Fail(file, 0, "nothing tests the image: no docker run found")
	}
	if !has["push"] {
		p.Fail(file, 0, "nothing pushes the image")
	}
}

// maxWorkflows bounds how many are read.
const maxWorkflows = 100

// workflows are the files of GitHub Actions.
func (r *repo) workflows() []string {
	var names []string
	dir, info, err := r.resolve(pipeline.WorkflowDir)
	if err != nil || !info.IsDir() {
		return nil
	}
	entries, _ := readDir(r.files, dir, maxEntries)
	for _, e := range entries {
		if ext := path.Ext(e.Name()); (ext == ".yml" || ext == ".yaml") && len(names) < maxWorkflows {
			names = append(names, pipeline.WorkflowDir+"/"+e.Name())
		}
	}
	return names
}

// ciMentions reports whether a CI configuration has a text in it.
func (r *repo) ciMentions(text string) bool {
	return slices.ContainsFunc(append(r.workflows(), pipeline.CircleFile, pipeline.CircleShim), func(file string) bool {
		data, err := r.read(file)
		return err == nil && strings.Contains(string(data), text)
	})
}

// tries reports whether a job runs an image that another handed on.
func (p *ciCheck) tries(j pipeline.Job) bool {
	loads, runs := false, false
	for _, a := range p.Acts(j) {
		loads, runs = loads || a.Verb == "load", runs || a.Verb == "run"
	}
	return loads && runs
}

// judgeJob finds images that a job pushes or saves untested. A job may save an image that another job tests.
func (p *ciCheck) judgeJob(j pipeline.Job, tried bool) {
	f := fleet{tested: map[string]bool{}, opaque: j.Opaque}
	for _, a := range p.Acts(j) {
		if a.Verb == "run" {
			p.Budget.Steps(len(f.tested))
		}
		if why := f.apply(a); why != "" && !(tried && a.Verb == "save") {
			p.Fail(j.Path, a.Line, "job %s: %s", j.Name, why)
		}
	}
	if f.rebuilt {
		p.Undecided = "job " + j.Name + " builds again to push: cannot tell whether it pushes the tested image"
	}
	p.judgeLogins(j)
}

// fleet tracks the images of a job's docker commands.
type fleet struct {
	tested  map[string]bool // by tag, of those that the job built
	passed  int             // how many of them were tested
	vague   bool            // a tag has a variable in it
	loaded  bool
	rebuilt bool // an image is pushed as it is built, after one was tested
	opaque  bool // the job has steps that cannot be read
}

func (f *fleet) set(tag string, tested bool) {
	switch {
	case tested && !f.tested[tag]:
		f.passed++
	case !tested && f.tested[tag]:
		f.passed--
	}
	f.tested[tag] = tested
	f.vague = f.vague || strings.Contains(tag, "$")
}

// apply follows one docker command and returns what is wrong with it.
func (f *fleet) apply(a pipeline.Act) string {
	c := shell.Command{Words: a.Words}
	switch a.Verb {
	case "build":
		if c.Has("--push") || c.Has("--push=true") {
			if f.rebuilt = f.passed > 0; f.rebuilt {
				return ""
			}
			return "docker build --push pushes an image that was never tested"
		}
		for _, t := range tagsOf(c) {
			f.set(t, false)
		}
		if composes(c) {
			f.set("compose", false)
		}
	case "run":
		f.run(c)
	case "load":
		f.loaded = true
	case "tag":
		if n := len(a.Words); n >= 4 {
			if tested, ok := f.tested[a.Words[n-2]]; ok {
				f.set(a.Words[n-1], tested)
			}
		}
	case "push", "save":
		return f.handsOn(a)
	}
	return ""
}

// run tests the image that the command names. What docker compose runs is named elsewhere.
func (f *fleet) run(c shell.Command) {
	tags := slices.Values(c.Words)
	if composes(c) {
		tags = maps.Keys(f.tested)
	}
	for t := range tags {
		if _, built := f.tested[t]; built {
			f.set(t, true)
		}
	}
}

// composes reports whether a command is one of docker compose, which names its images elsewhere.
func composes(c shell.Command) bool { return c.Is("docker", "compose") || c.Is("podman", "compose") }

// handsOn returns what is wrong with a push or a save.
func (f *fleet) handsOn(a pipeline.Act) string {
	image, composed := a.Words[len(a.Words)-1], composes(shell.Command{Words: a.Words})
	if composed {
		image = "compose"
	}
	for _, w := range a.Words {
		if _, built := f.tested[w]; built {
			image = w
		}
	}
	tested, known := f.tested[image]
	plain := !f.vague && !strings.Contains(image, "$")
	switch {
	case known && !tested:
		return fmt.Sprintf("%s was built but not run before docker %s", image, a.Verb)
	case known || f.loaded || f.opaque:
		return ""
	case len(f.tested) == 0 || plain && !composed:
		return fmt.Sprintf("docker %s of an image that the job neither built nor loaded", a.Verb)
	case f.passed == 0:
		return fmt.Sprintf("docker %s of an image that was built but not run", a.Verb)
	}
	return ""
}

// tagsOf returns the names that a build gives its image.
func tagsOf(c shell.Command) []string {
	var all []string
	for i, w := range c.Words {
		if !strings.HasPrefix(w, "-") {
			continue
		}
		if t, ok := (shell.Command{Words: c.Words[i:min(i+2, len(c.Words))]}).Option("-t", "--tag"); ok {
			all = append(all, t)
		}
	}
	return all
}

// judgeLogins finds passwords on command lines, and logins that fail where there are no credentials.
func (p *ciCheck) judgeLogins(j pipeline.Job) {
	guarded := false
	for _, s := range j.Steps {
		p.Budget.Steps(1 + len(s.Acts))
		guarded = guarded || s.Halts
		for _, a := range s.Acts {
			if a.Verb != "login" {
				continue
			}
			if _, ok := (shell.Command{Words: a.Words}).Option("-p", "--password"); ok {
				p.Fail(j.Path, a.Line, "job %s: the password is on docker login's command line", j.Name)
			}
			if j.Forks && !guarded && !s.Guarded && !s.Asks {
				p.Fail(j.Path, a.Line, "job %s: docker login also runs for forks, which have no credentials", j.Name)
			}
		}
	}
}

// judgeTags requires that all jobs on the way to Docker Hub run for tags if one of them does.
func (p *ciCheck) judgeTags(setup []pipeline.Job) {
	var some, pushes, pushed *pipeline.Job
	for i, j := range p.Jobs {
		if j.Tags {
			some = &p.Jobs[i]
		}
		for _, a := range p.Acts(j) {
			if a.Verb == "push" {
				if pushes = &p.Jobs[i]; j.Tags {
					pushed = pushes
				}
			}
		}
	}
	for _, j := range setup {
		if some != nil && !j.Tags {
			p.Fail(j.Path, j.Line, "job %s does not run for tags, so %s does not either", j.Name, some.Name)
		}
	}
	if some != nil && pushes != nil && pushed == nil {
		p.Fail(pushes.Path, pushes.Line, "job %s does not run for tags, but %s does", pushes.Name, some.Name)
	}
}

var badges = lazyregexp.New(`circleci\.com/[^\s)"]*svg|shields\.io/circleci`)

// badge requires CircleCI's badge in the README.
func (r *repo) badge(p *ciCheck) {
	for _, name := range []string{"README.md", "README", "README.rst", "readme.md"} {
		data, err := r.read(name)
		if err != nil {
			continue
		}
		if !badges().Match(data) {
			p.Fail(name, 1, "no CircleCI badge found")
		}
		return
	}
}
