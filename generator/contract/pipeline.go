package contract

import (
	"fmt"
	"iter"
	"maps"
	"path"
	"slices"
	"strings"

	"dockerflow/generator/contract/shell"
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
	acts    []act
	calls   bool // a script or a tool that may use docker unseen
	asks    bool // it tests something before it logs in
	halts   bool // it may end the job before the steps that follow
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

// step reads a script, once however many jobs run it.
func (p *pipeline) step(script *value) ciStep {
	if s, ok := p.steps[script]; ok {
		return s
	}
	s := ciStep{halts: strings.Contains(script.text, "step halt")}
	all := p.commands(script.text)
	for _, c := range all {
		s.calls = s.calls || callsOut(c)
		if verb := verbOf(c); verb != "" {
			s.acts = append(s.acts, act{verb, c.Words, script.line + c.Line})
		}
	}
	if before, _, logs := strings.Cut(script.text, "docker login"); logs {
		all = p.commands(before)
	}
	s.asks = slices.ContainsFunc(all, func(c shell.Command) bool { return slices.Contains([]string{"[", "[[", "test", "case"}, c.Words[0]) })
	if p.steps == nil {
		p.steps = map[*value]ciStep{}
	}
	p.steps[script] = s
	return s
}

func (p *pipeline) commands(script string) []shell.Command {
	return shell.Commands(p.budget, script, shell.Variables{}, 0)
}

// verbOf is what a command does with docker, or "".
func verbOf(c shell.Command) string {
	for verb, forms := range verbs {
		if slices.ContainsFunc(forms, func(f []string) bool { return c.Is("docker", f...) || c.Is("podman", f...) }) {
			return verb
		}
	}
	return ""
}

// callsOut reports whether a command is a script or a tool that may use docker unseen.
func callsOut(c shell.Command) bool {
	return strings.Contains(c.Words[0], "/") && !strings.HasPrefix(c.Words[0], "/") ||
		slices.Contains([]string{"make", "just", "task", "bash", "sh", "source", ".", "invoke", "tox", "nox"}, path.Base(c.Words[0]))
}

// acts gives what a job does with docker, in its order, and the step that does it.
func (p *pipeline) acts(j job) iter.Seq2[ciStep, act] {
	return func(yield func(ciStep, act) bool) {
		for _, s := range j.steps {
			p.budget.Steps(1)
			for _, a := range s.acts {
				p.budget.Steps(len(a.words))
				if !yield(s, a) {
					return
				}
			}
		}
	}
}

// tries reports whether a job runs an image that another handed on.
func (p *pipeline) tries(j job) bool {
	loads, runs := false, false
	for _, a := range p.acts(j) {
		loads, runs = loads || a.verb == "load", runs || a.verb == "run"
	}
	return loads && runs
}

// judgeJob finds images that are pushed, or handed on, without having been tried. One that another job tries may be
// handed on before.
func (p *pipeline) judgeJob(j job, tried bool) {
	f := fleet{tested: map[string]bool{}, opaque: j.opaque}
	for _, a := range p.acts(j) {
		if a.verb == "run" {
			p.budget.Steps(len(f.tested))
		}
		if why := f.apply(a); why != "" && !(tried && a.verb == "save") {
			p.fail(j.path, a.line, "job %s: %s", j.name, why)
		}
	}
	if f.rebuilt {
		p.undecided = "job " + j.name + " builds again to push: whether that is the tested image is not seen here"
	}
	p.judgeLogins(j)
}

// fleet is what a job's docker knows of images.
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

// apply follows one use of docker, and says what is wrong with it.
func (f *fleet) apply(a act) string {
	c := shell.Command{Words: a.words}
	switch a.verb {
	case "build":
		if c.Has("--push") || c.Has("--push=true") {
			if f.rebuilt = f.passed > 0; f.rebuilt {
				return ""
			}
			return "what is pushed as it is built was never tested"
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
		if n := len(a.words); n >= 4 {
			if tested, ok := f.tested[a.words[n-2]]; ok {
				f.set(a.words[n-1], tested)
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

// handsOn says what is wrong with a push or a save.
func (f *fleet) handsOn(a act) string {
	image, composed := a.words[len(a.words)-1], composes(shell.Command{Words: a.words})
	if composed {
		image = "compose"
	}
	for _, w := range a.words {
		if _, built := f.tested[w]; built {
			image = w
		}
	}
	tested, known := f.tested[image]
	plain := !f.vague && !strings.Contains(image, "$")
	switch {
	case known && !tested:
		return fmt.Sprintf("%s was built here, and not run before docker %s", image, a.verb)
	case known || f.loaded || f.opaque:
		return ""
	case len(f.tested) == 0 || plain && !composed:
		return fmt.Sprintf("docker %s of an image that the job neither built nor loaded", a.verb)
	case f.passed == 0:
		return fmt.Sprintf("docker %s of an image that was built here and not run before", a.verb)
	}
	return ""
}

// tagsOf are the names that a build gives its image.
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
func (p *pipeline) judgeLogins(j job) {
	guarded := false
	for _, s := range j.steps {
		p.budget.Steps(1 + len(s.acts))
		guarded = guarded || s.halts
		for _, a := range s.acts {
			if a.verb != "login" {
				continue
			}
			if _, ok := (shell.Command{Words: a.words}).Option("-p", "--password"); ok {
				p.fail(j.path, a.line, "job %s: the password is on docker login's command line", j.name)
			}
			if j.forks && !guarded && !s.guarded && !s.asks {
				p.fail(j.path, a.line, "job %s: docker login also runs for forks, which have no credentials", j.name)
			}
		}
	}
}
