package contract

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
)

// dockerfile is the stages of a Dockerfile, in its order.
type dockerfile struct {
	budget *budget.Budget // of the rule that is being judged
	stages []*stage
	named  map[string]*stage // by name in lower case, and by number

	feeding  map[*stage][]*stage // of sources
	mentions map[mention]bool
}

// mention is a text that is looked for in the RUNs of a stage.
type mention struct {
	stage *stage
	text  string
}

// stage is one FROM and what follows it. It stands on a parent or on an image from elsewhere.
type stage struct {
	file   *dockerfile
	name   string
	line   int
	parent *stage
	image  string // with $ in it where it cannot be known
	own    []step
	dir    string    // at its end
	user   string    // at its end
	env    variables // at its end
}

// step is one instruction, its variables replaced where they are known.
type step struct {
	instructions.Command
	line int
	dir  string // where it works
	user string // as whom
	env  variables
	memo *memo
}

// Bounds of what is followed. No image has as many layers, and no system as long paths.
const (
	maxInstructions = 1000
	maxStages       = 100
	maxPath         = 4096
)

// parseDockerfile reads a Dockerfile within a budget.
func parseDockerfile(b *budget.Budget, data []byte) (*dockerfile, error) {
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
	d := &dockerfile{budget: b, named: map[string]*stage{}, feeding: map[*stage][]*stage{}, mentions: map[mention]bool{}}
	for _, s := range stages {
		if err := d.add(s, &e); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// readable replaces what is no text: at such bytes BuildKit's lexer writes to standard error.
func readable(data []byte) []byte {
	return bytes.ReplaceAll(bytes.ToValidUTF8(data, []byte("?")), []byte("\ufeff"), nil)
}

func (d *dockerfile) add(parsed instructions.Stage, e *expander) error {
	s := &stage{file: d, name: parsed.Name, line: firstLine(parsed.Location)}
	s.image = e.word(parsed.BaseName, e.global)
	s.dir = worksIn(s.image)
	if s.parent = d.stage(s.image); s.parent != nil {
		s.dir, s.user, s.image = s.parent.dir, s.parent.user, ""
		s.env = s.parent.env.inner()
	}
	for _, c := range parsed.Commands {
		if err := e.expand(c, s.env); err != nil {
			return err
		}
		s.own = append(s.own, step{c, firstLine(c.Location()), s.dir, s.user, s.env, &memo{file: d}})
		switch c := c.(type) {
		case *instructions.WorkdirCommand:
			if s.dir = under(s.dir, c.Path); len(s.dir) > maxPath {
				s.dir = itsOwn
			}
		case *instructions.UserCommand:
			s.user = c.User
		case *instructions.EnvCommand:
			for _, kv := range c.Env {
				s.env.set(kv.Key, kv.Value)
			}
		case *instructions.ArgCommand:
			e.setArgs(c, &s.env)
		}
	}
	for _, name := range []string{strings.ToLower(s.name), strconv.Itoa(len(d.stages))} {
		if d.named[name] == nil {
			d.named[name] = s
		}
	}
	d.stages = append(d.stages, s)
	return nil
}

// stage finds an earlier stage by its name or number.
func (d *dockerfile) stage(name string) *stage {
	if name == "" {
		return nil
	}
	return d.named[strings.ToLower(name)]
}

func (d *dockerfile) final() *stage { return d.stages[len(d.stages)-1] }

// steps are those of the stage and of all that it stands on.
func (s *stage) steps() iter.Seq[step] {
	return func(yield func(step) bool) { s.each(yield) }
}

// each visits the steps until visit returns false, and reports whether it never did.
func (s *stage) each(visit func(step) bool) bool {
	if s.parent != nil && !s.parent.each(visit) {
		return false
	}
	s.file.budget.Steps(1 + len(s.own))
	for _, st := range s.own {
		if !visit(st) {
			return false
		}
	}
	return true
}

// root is the image from elsewhere that the stage stands on in the end.
func (s *stage) root() string {
	for s.parent != nil {
		s = s.parent
	}
	return s.image
}

// under is the path that a relative one means.
func under(dir, name string) string {
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

// lineOf gives the line that a parser's error is about.
func lineOf(err error) int {
	var located *parser.LocationError
	if errors.As(err, &located) && len(located.Locations) > 0 {
		return firstLine(located.Locations[0])
	}
	return 0
}
