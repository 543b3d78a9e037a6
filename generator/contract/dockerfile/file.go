// Package dockerfile reads a Dockerfile and its .dockerignore: stages, steps, what each copies and runs, and the environment
// that is known at each. Everything that takes a budget stops where that ends.
package dockerfile

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"path"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	lexer "github.com/moby/buildkit/frontend/dockerfile/shell"

	"dockerflow/generator/budget"
	"dockerflow/generator/contract/shell"
)

// File is the stages of a Dockerfile, in its order.
type File struct {
	Budget *budget.Budget // of the work in hand; who reads the file sets it
	Stages []*Stage
	named  map[string]*Stage // by name in lower case, and by number

	feeding  map[*Stage][]*Stage // of sources
	mentions map[mention]bool
}

// mention is a text that is looked for in the RUNs of a stage.
type mention struct {
	stage *Stage
	text  string
}

// Stage is one FROM and its instructions. It is based on a parent stage or on an external image.
type Stage struct {
	file   *File
	name   string
	Line   int
	Parent *Stage
	image  string // with $ in it where it cannot be known
	Own    []Step
	Dir    string          // at its end
	User   string          // at its end
	Env    shell.Variables // at its end
}

// Step is one instruction, its variables replaced where they are known.
type Step struct {
	instructions.Command
	Line int
	Dir  string // where it works
	User string // as whom
	Env  shell.Variables
	memo *memo
}

// Limits on what is followed. No image has as many layers, and no system has paths as long.
const (
	maxInstructions = 1000
	maxStages       = 100
	maxPath         = 4096
)

// Parse reads a Dockerfile within a budget.
func Parse(b *budget.Budget, data []byte) (*File, error) {
	data = readable(data)
	weigh(b, data)
	parsed, err := parser.Parse(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	if len(parsed.AST.Children) > maxInstructions {
		return nil, fmt.Errorf("more than %d instructions", maxInstructions)
	}
	stages, args, err := instructions.Parse(parsed.AST, nil)
	if err != nil {
		return nil, err
	}
	if len(stages) == 0 {
		return nil, errors.New("there is no FROM")
	}
	if len(stages) > maxStages {
		return nil, fmt.Errorf("more than %d stages", maxStages)
	}
	e := expander{lex: lexer.NewLex(parsed.EscapeToken), budget: b}
	for i := range args {
		if err := e.expand(&args[i], e.global); err != nil {
			return nil, err
		}
		e.setArgs(&args[i], &e.global)
	}
	d := &File{Budget: b, named: map[string]*Stage{}, feeding: map[*Stage][]*Stage{}, mentions: map[mention]bool{}}
	for _, s := range stages {
		if err := d.add(s, &e); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// readable replaces bytes that are not text, because BuildKit's lexer reports them on standard error.
func readable(data []byte) []byte {
	return bytes.ReplaceAll(bytes.ToValidUTF8(data, []byte("?")), []byte("\ufeff"), nil)
}

func (d *File) add(parsed instructions.Stage, e *expander) error {
	s := &Stage{file: d, name: parsed.Name, Line: firstLine(parsed.Location)}
	s.image = e.word(parsed.BaseName, e.global)
	s.Dir = worksIn(s.image)
	if s.Parent = d.Stage(s.image); s.Parent != nil {
		s.Dir, s.User, s.image = s.Parent.Dir, s.Parent.User, ""
		s.Env = s.Parent.Env.Inner()
	}
	for _, c := range parsed.Commands {
		if err := e.expand(c, s.Env); err != nil {
			return err
		}
		s.Own = append(s.Own, Step{c, firstLine(c.Location()), s.Dir, s.User, s.Env, &memo{file: d}})
		switch c := c.(type) {
		case *instructions.WorkdirCommand:
			if s.Dir = Under(s.Dir, c.Path); len(s.Dir) > maxPath {
				s.Dir = itsOwn
			}
		case *instructions.UserCommand:
			s.User = c.User
		case *instructions.EnvCommand:
			for _, kv := range c.Env {
				s.Env.Set(kv.Key, kv.Value)
			}
		case *instructions.ArgCommand:
			e.setArgs(c, &s.Env)
		}
	}
	for _, name := range []string{strings.ToLower(s.name), strconv.Itoa(len(d.Stages))} {
		if d.named[name] == nil {
			d.named[name] = s
		}
	}
	d.Stages = append(d.Stages, s)
	return nil
}

// Stage finds an earlier stage by its name or number.
func (d *File) Stage(name string) *Stage {
	if name == "" {
		return nil
	}
	return d.named[strings.ToLower(name)]
}

// Final is the last stage, which becomes the image.
func (d *File) Final() *Stage { return d.Stages[len(d.Stages)-1] }

// Steps are those of the stage and of all that it is based on.
func (s *Stage) Steps() iter.Seq[Step] {
	return func(yield func(Step) bool) { s.each(yield) }
}

// each visits the steps until visit returns false, and reports whether it never did.
func (s *Stage) each(visit func(Step) bool) bool {
	if s.Parent != nil && !s.Parent.each(visit) {
		return false
	}
	s.file.Budget.Steps(1 + len(s.Own))
	for _, st := range s.Own {
		if !visit(st) {
			return false
		}
	}
	return true
}

// Root returns the external image that the stage is finally based on.
func (s *Stage) Root() string {
	for s.Parent != nil {
		s = s.Parent
	}
	return s.image
}

// Under is the path that a relative one means.
func Under(dir, name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	return path.Join(dir, name)
}

func firstLine(ranges []parser.Range) int {
	if len(ranges) == 0 {
		return 0
	}
	return ranges[0].Start.Line
}

// LineOf returns the line of a parser's error.
func LineOf(err error) int {
	var located *parser.LocationError
	if errors.As(err, &located) && len(located.Locations) > 0 {
		return firstLine(located.Locations[0])
	}
	return 0
}

// Setting returns the value of an environment variable in the image and the line that sets it, or else the line of the
// stage.
func Setting(s *Stage, name string) (value string, line int) {
	line = s.Line
	for st := range s.Steps() {
		env, ok := st.Command.(*instructions.EnvCommand)
		if !ok {
			continue
		}
		for _, kv := range env.Env {
			if kv.Key == name {
				value, line = kv.Value, st.Line
			}
		}
	}
	return value, line
}
