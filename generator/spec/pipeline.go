package spec

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// job is one job of a CI configuration, whichever system runs it.
type job struct {
	path, name string
	line       int
	steps      []ciStep
	every      bool // it runs for every change
	tags       bool // it runs for tags
	forks      bool // it runs for pull requests from forks, which have no credentials
	opaque     bool // it has steps that cannot be read
	size       int  // how many steps were looked at
}

// ciStep is a script, or an action that stands for docker's commands.
type ciStep struct {
	line    int
	script  string
	acts    []act
	guarded bool // it runs under a condition only
}

// act is one use of docker.
type act struct {
	verb  string // build, run, load, tag, push, save or login
	words []string
	line  int
}

// verbs are docker's commands that matter here.
var verbs = map[string][][]string{
	"build": {{"build"}, {"buildx", "build"}, {"buildx", "bake"}, {"image", "build"}, {"compose", "build"}},
	"run":   {{"run"}, {"container", "run"}, {"compose", "run"}, {"compose", "up"}},
	"load":  {{"load"}, {"image", "load"}, {"pull"}, {"image", "pull"}, {"import"}},
	"tag":   {{"tag"}, {"image", "tag"}},
	"push":  {{"push"}, {"image", "push"}, {"compose", "push"}},
	"save":  {{"save"}, {"image", "save"}},
	"login": {{"login"}},
}

// uses gives what a step does with docker, in its order.
func (s ciStep) uses() []act {
	all := s.acts
	for _, c := range commands(s.script) {
		for verb, forms := range verbs {
			if slices.ContainsFunc(forms, func(f []string) bool { return c.is("docker", f...) || c.is("podman", f...) }) {
				all = append(all, act{verb, c.words, s.line + c.line})
			}
		}
	}
	return all
}

// calls tells whether a step calls a script or a tool that may use docker unseen.
func (s ciStep) calls() bool {
	return slices.ContainsFunc(commands(s.script), func(c command) bool {
		name := path.Base(c.words[0])
		return strings.Contains(c.words[0], "/") && !strings.HasPrefix(c.words[0], "/") ||
			slices.Contains([]string{"make", "just", "task", "bash", "sh", "source", ".", "invoke", "tox", "nox"}, name)
	})
}

// fleet is what a job's docker knows of images.
type fleet struct {
	tested  map[string]bool // by tag, of those that the job built
	loaded  bool
	rebuilt bool // an image is pushed as it is built, after one was tested
}

// tries tells whether a job runs an image that another handed on.
func (j job) tries() bool {
	loads, runs := false, false
	for _, s := range j.steps {
		for _, a := range s.uses() {
			loads, runs = loads || a.verb == "load", runs || a.verb == "run"
		}
	}
	return loads && runs
}

// judgeJob finds images that are pushed, or handed on, without having been tried. One that another job tries may be
// handed on before.
func judgeJob(j job, tried bool) (found []Finding, undecided string) {
	f := fleet{tested: map[string]bool{}}
	for _, s := range j.steps {
		for _, a := range s.uses() {
			if why := f.apply(a, j.opaque); why != "" && !(tried && a.verb == "save") {
				found = append(found, Finding{j.path, a.line, fmt.Sprintf("job %s: %s", j.name, why)})
			}
		}
	}
	if f.rebuilt {
		undecided = "job " + j.name + " builds again to push: whether that is the tested image is not seen here"
	}
	return append(found, logins(j)...), undecided
}

// apply follows one use of docker, and says what is wrong with it.
func (f *fleet) apply(a act, opaque bool) string {
	c := command{words: a.words}
	switch a.verb {
	case "build":
		if c.has("--push") || c.has("--push=true") {
			if f.rebuilt = f.anyTested(); f.rebuilt {
				return ""
			}
			return "what is pushed as it is built was never tested"
		}
		for _, t := range tagsOf(c) {
			f.tested[t] = false
		}
		if composes(c) {
			f.tested["compose"] = false
		}
	case "run":
		for t := range f.tested {
			f.tested[t] = f.tested[t] || slices.Contains(a.words, t) || composes(c)
		}
	case "load":
		f.loaded = true
	case "tag":
		if n := len(a.words); n >= 4 {
			if tested, ok := f.tested[a.words[n-2]]; ok {
				f.tested[a.words[n-1]] = tested
			}
		}
	case "push", "save":
		return f.handsOn(a, opaque)
	}
	return ""
}

// composes tells whether a command is one of docker compose, which names its images elsewhere.
func composes(c command) bool { return c.is("docker", "compose") || c.is("podman", "compose") }

func (f *fleet) anyTested() bool { return slices.Contains(slices.Collect(maps.Values(f.tested)), true) }

// handsOn says what is wrong with a push or a save.
func (f *fleet) handsOn(a act, opaque bool) string {
	image := a.words[len(a.words)-1]
	if composes(command{words: a.words}) {
		image = "compose"
	}
	for _, w := range a.words {
		if _, built := f.tested[w]; built {
			image = w
		}
	}
	tested, known := f.tested[image]
	names := slices.Collect(maps.Keys(f.tested))
	plain := !slices.ContainsFunc(append(names, image), func(n string) bool { return strings.Contains(n, "$") })
	switch {
	case known && !tested:
		return fmt.Sprintf("%s was built here, and not run before docker %s", image, a.verb)
	case known || f.loaded || opaque:
		return ""
	case len(names) == 0 || plain && !composes(command{words: a.words}):
		return fmt.Sprintf("docker %s of an image that the job neither built nor loaded", a.verb)
	case !f.anyTested():
		return fmt.Sprintf("docker %s of an image that was built here and not run before", a.verb)
	}
	return ""
}

// tagsOf are the names that a build gives its image.
func tagsOf(c command) []string {
	var all []string
	for i := range c.words {
		t, ok := (command{words: c.words[i:min(i+2, len(c.words))]}).option("-t", "--tag")
		if ok && !slices.Contains(all, t) && strings.HasPrefix(c.words[i], "-") {
			all = append(all, t)
		}
	}
	return all
}

// logins finds passwords on command lines, and logins that fail where there are no credentials.
func logins(j job) []Finding {
	var found []Finding
	add := func(line int, text string) {
		found = append(found, Finding{j.path, line, "job " + j.name + ": " + text})
	}
	guarded := false
	for _, s := range j.steps {
		guarded = guarded || strings.Contains(s.script, "step halt")
		for _, a := range s.uses() {
			c := command{words: a.words}
			if a.verb != "login" {
				continue
			}
			if _, ok := c.option("-p", "--password"); ok {
				add(a.line, "the password is on docker login's command line")
			}
			if j.forks && !guarded && !s.guarded && !asks(s.script) {
				add(a.line, "docker login also runs for forks, which have no credentials")
			}
		}
	}
	return found
}

// asks tells whether a script tests something before it logs in.
func asks(script string) bool {
	before, _, _ := strings.Cut(script, "docker login")
	return slices.ContainsFunc(commands(before), func(c command) bool {
		return slices.Contains([]string{"[", "[[", "test", "case"}, c.words[0])
	})
}
