// Package pipeline reads the docker commands in CircleCI and GitHub Actions configurations and reports their errors.
package pipeline

import (
	"errors"
	"io/fs"
	"iter"
	"path"
	"slices"
	"strings"

	"dockerflow/generator/budget"
	"dockerflow/generator/contract/shell"
	"dockerflow/generator/yamlnode"
)

// Reader collects what the CI configurations of a repository do, and reports their errors as it reads.
type Reader struct {
	Budget    *budget.Budget
	in        Files
	report    func(file string, line int, format string, args ...any)
	Files     []string // that were read
	Jobs      []Job
	Undecided string // why there may be further fixes; "" if all were tried

	steps   map[*value]Step  // that were read, by their scripts
	filters map[*value]reach // that were read
}

// Files are the files of a repository.
type Files struct {
	Read      func(name string) ([]byte, error)
	Has       func(name string) bool
	Workflows func() []string // of GitHub Actions
}

// New reads nothing yet.
func New(b *budget.Budget, in Files, report func(file string, line int, format string, args ...any)) *Reader {
	return &Reader{Budget: b, in: in, report: report}
}

// Fail reports a fault and counts it.
func (p *Reader) Fail(file string, line int, format string, args ...any) {
	p.Budget.Steps(1)
	p.report(file, line, format, args...)
}

// strings are those of a value of the configuration.
func (p *Reader) strings(v *value) []string {
	if v != nil {
		p.Budget.Steps(len(v.list))
	}
	return v.strings()
}

// load reads a configuration, and reports why it cannot.
func (p *Reader) load(name string) *value {
	data, err := p.in.Read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	p.Files = append(p.Files, name)
	if err != nil {
		p.Fail(name, 0, "%s", err)
		return nil
	}
	p.Budget.Steps(len(data)) // a byte takes as long as a step
	v, err := parseYAML(data)
	var size *yamlnode.SizeError
	if errors.As(err, &size) {
		p.Budget.Stop(&budget.ExceededError{What: "keys and values of " + name, Limit: size.Nodes})
	}
	if err != nil {
		line, text := yamlError(err)
		p.Fail(name, line, "%s", text)
	}
	return v
}

// Job is one job of a CI configuration, whichever system runs it.
type Job struct {
	Path, Name string
	Line       int
	Steps      []Step
	Every      bool // it runs for every change
	Tags       bool // it runs for tags
	Forks      bool // it runs for pull requests from forks, which have no credentials
	Opaque     bool // it has steps that cannot be read
	size       int  // how many steps were looked at
}

// Step is a script, or an action that is equivalent to docker commands.
type Step struct {
	Acts    []Act
	Calls   bool // a script or a tool that may use docker unseen
	Asks    bool // it tests something before it logs in
	Halts   bool // it may end the job before the steps that follow
	Guarded bool // it runs under a condition only
}

// Act is one docker command.
type Act struct {
	Verb  string // build, run, load, tag, push, save or login
	Words []string
	Line  int
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
func (p *Reader) step(script *value) Step {
	if s, ok := p.steps[script]; ok {
		return s
	}
	s := Step{Halts: strings.Contains(script.text, "step halt")}
	all := p.commands(script.text)
	for _, c := range all {
		s.Calls = s.Calls || callsOut(c)
		if verb := verbOf(c); verb != "" {
			s.Acts = append(s.Acts, Act{verb, c.Words, script.line + c.Line})
		}
	}
	if before, _, logs := strings.Cut(script.text, "docker login"); logs {
		all = p.commands(before)
	}
	s.Asks = slices.ContainsFunc(all, func(c shell.Command) bool { return slices.Contains([]string{"[", "[[", "test", "case"}, c.Words[0]) })
	if p.steps == nil {
		p.steps = map[*value]Step{}
	}
	p.steps[script] = s
	return s
}

func (p *Reader) commands(script string) []shell.Command {
	return shell.Commands(p.Budget, script, shell.Variables{}, 0)
}

// verbOf returns the docker verb of a command, or "".
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

// Acts returns the docker commands of a job, in order, with their steps.
func (p *Reader) Acts(j Job) iter.Seq2[Step, Act] {
	return func(yield func(Step, Act) bool) {
		for _, s := range j.Steps {
			p.Budget.Steps(1)
			for _, a := range s.Acts {
				p.Budget.Steps(len(a.Words))
				if !yield(s, a) {
					return
				}
			}
		}
	}
}
