package spec

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// dockerfile is the stages of a Dockerfile, in its order.
type dockerfile struct{ stages []*stage }

// stage is one FROM and what follows it. It stands on a parent or on an image from elsewhere.
type stage struct {
	name   string
	line   int
	parent *stage
	image  string // with $ in it where it cannot be known
	own    []step
	dir    string            // at its end
	user   string            // at its end
	env    map[string]string // at its end
}

// step is one instruction, its variables replaced where they are known.
type step struct {
	instructions.Command
	line int
	dir  string // where it works
	user string // as whom
	env  map[string]string
	memo *memo
}

// memo is the commands of a RUN, which many rules ask for.
type memo struct {
	commands []command
	done     bool
}

// Bounds of what is followed. No image has as many layers.
const (
	maxInstructions = 1000
	maxStages       = 100
)

func parseDockerfile(data []byte) (*dockerfile, error) {
	parsed, err := parser.Parse(bytes.NewReader(readable(data)))
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
	lex := shell.NewLex(parsed.EscapeToken)
	global := map[string]string{}
	for i := range args {
		if err := expand(lex, &args[i], global); err != nil {
			return nil, err
		}
		setArgs(&args[i], global, nil)
	}
	d := &dockerfile{}
	for _, s := range stages {
		if err := d.add(s, lex, global); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// readable replaces what is no text: at such bytes BuildKit's lexer writes to standard error.
func readable(data []byte) []byte {
	return bytes.ReplaceAll(bytes.ToValidUTF8(data, []byte("?")), []byte("\ufeff"), nil)
}

func (d *dockerfile) add(parsed instructions.Stage, lex *shell.Lex, global map[string]string) error {
	s := &stage{name: parsed.Name, line: firstLine(parsed.Location), env: map[string]string{}}
	s.image = word(lex, parsed.BaseName, global)
	s.dir = worksIn(s.image)
	if s.parent = d.stage(s.image); s.parent != nil {
		s.dir, s.user, s.image = s.parent.dir, s.parent.user, ""
		s.env = with(s.parent.env)
	}
	for _, c := range parsed.Commands {
		if err := expand(lex, c, s.env); err != nil {
			return err
		}
		s.own = append(s.own, step{c, firstLine(c.Location()), s.dir, s.user, s.env, &memo{}})
		switch c := c.(type) {
		case *instructions.WorkdirCommand:
			s.dir = under(s.dir, c.Path)
		case *instructions.UserCommand:
			s.user = c.User
		case *instructions.EnvCommand:
			s.env = with(s.env)
			for _, kv := range c.Env {
				s.env[kv.Key] = kv.Value
			}
		case *instructions.ArgCommand:
			s.env = with(s.env)
			setArgs(c, s.env, global)
		}
	}
	d.stages = append(d.stages, s)
	return nil
}

// stage finds an earlier stage by its name or number.
func (d *dockerfile) stage(name string) *stage {
	for i, s := range d.stages {
		if name != "" && (strings.EqualFold(s.name, name) || name == strconv.Itoa(i)) {
			return s
		}
	}
	return nil
}

func (d *dockerfile) final() *stage { return d.stages[len(d.stages)-1] }

// steps are those of the stage and of all that it stands on.
func (s *stage) steps() []step {
	if s.parent == nil {
		return s.own
	}
	return slices.Concat(s.parent.steps(), s.own)
}

// root is the image from elsewhere that the stage stands on in the end.
func (s *stage) root() string {
	for s.parent != nil {
		s = s.parent
	}
	return s.image
}

func with(env map[string]string) map[string]string {
	next := make(map[string]string, len(env)+1)
	maps.Copy(next, env)
	return next
}

// setArgs sets the defaults of an ARG. Without one, the value of before the first FROM counts.
func setArgs(c *instructions.ArgCommand, env, global map[string]string) {
	for _, a := range c.Args {
		if a.Value != nil {
			env[a.Key] = *a.Value
		} else if v, ok := global[a.Key]; ok {
			env[a.Key] = v
		}
	}
}

// expand replaces the variables of an instruction as docker build does.
func expand(lex *shell.Lex, c instructions.Command, env map[string]string) error {
	e, ok := c.(instructions.SupportsSingleWordExpansion)
	if !ok {
		return nil
	}
	err := e.Expand(func(text string) (string, error) { return word(lex, text, env), nil })
	if err != nil {
		return parser.WithLocation(err, c.Location())
	}
	return nil
}

// word replaces variables. It leaves a word as it is where one is unknown, so that its $ says so.
func word(lex *shell.Lex, text string, env map[string]string) string {
	pairs := make([]string, 0, len(env))
	for k, v := range env {
		if len(v) <= maxValue {
			pairs = append(pairs, k+"="+v)
		}
	}
	result, err := lex.ProcessWordWithMatches(text, shell.EnvsFromSlice(pairs))
	if err != nil || len(result.Unmatched) > 0 {
		return text
	}
	return result.Result
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
