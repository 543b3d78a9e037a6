package dockerfile

import (
	"bytes"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	lexer "github.com/moby/buildkit/frontend/dockerfile/shell"

	"dockerflow/generator/budget"
	"dockerflow/generator/contract/shell"
)

// weigh counts beforehand what BuildKit's parser will do with a Dockerfile, because nothing stops its loops. Some of them
// copy all that came before: the text of a here document for each of its lines, the rest of an instruction for each
// ONBUILD in it, and a ${a:-…} for each that it lies in.
func weigh(b *budget.Budget, data []byte) {
	lines, words := 0, 0
	var instruction []byte // so far, without the ends of its lines
	for line := range bytes.Lines(data) {
		lines++
		words += len(bytes.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' || r == ',' }))
		text := bytes.TrimRight(line, " \t\r\n")
		if start := bytes.TrimSpace(text); len(start) == 0 || start[0] == '#' {
			continue
		}
		last := len(text) - 1
		goesOn := text[last] == '\\' || text[last] == '`' // whichever the Dockerfile chooses
		if goesOn {
			text = text[:last]
		}
		if instruction = append(instruction, text...); !goesOn {
			weighNested(b, instruction)
			instruction = instruction[:0]
		}
	}
	weighNested(b, instruction)
	b.Bytes(2*len(data) + words*budget.BytesOfWord)
	b.Steps(len(data)/16 + 8*(lines+words))
	if i := bytes.Index(data, []byte("<<")); i >= 0 {
		b.Steps(bytes.Count(data[i:], []byte("\n")) * (len(data[i:]) / 2 / budget.BytesOfCopy))
	}
}

// weighNested counts what one instruction costs by what is nested in it.
func weighNested(b *budget.Budget, instruction []byte) {
	nested := bytes.Count(bytes.ToLower(instruction), []byte("onbuild"))
	if bytes.Contains(instruction, []byte("<<")) {
		n, _ := substitutions(string(instruction))
		nested += n
	}
	b.Steps(nested * (1 + len(instruction)/budget.BytesOfRunes))
}

// substitutions counts the ${ } of a text that have another text in them, and those among them with a pattern.
func substitutions(text string) (nested, patterns int) {
	for {
		_, rest, ok := strings.Cut(text, "${")
		if !ok {
			return nested, patterns
		}
		end := strings.IndexFunc(rest, func(r rune) bool { return !shell.IsNameRune(r) })
		if end < 0 {
			return nested + 1, patterns
		}
		switch rest[end] {
		case '}':
		case '#', '%', '/':
			patterns++
			nested++
		default:
			nested++
		}
		text = rest[end:]
	}
}

// expander replaces variables as docker build does.
type expander struct {
	lex    *lexer.Lex
	budget *budget.Budget
	global shell.Variables // of the ARGs before the first FROM
}

// expand replaces the variables of an instruction.
func (e *expander) expand(c instructions.Command, env shell.Variables) error {
	x, ok := c.(instructions.SupportsSingleWordExpansion)
	if !ok {
		return nil
	}
	if err := x.Expand(func(text string) (string, error) { return e.word(text, env), nil }); err != nil {
		return parser.WithLocation(err, c.Location())
	}
	return nil
}

// setArgs sets the defaults of an ARG. Without one, the value of before the first FROM counts.
func (e *expander) setArgs(c *instructions.ArgCommand, env *shell.Variables) {
	for _, a := range c.Args {
		if a.Value != nil {
			env.Set(a.Key, *a.Value)
		} else if v, ok := e.global.Get(a.Key); ok && env != &e.global {
			env.Set(a.Key, v)
		}
	}
}

// maxWord bounds a text in which variables are replaced: each of its bytes may come to maxValue of them.
const maxWord = 16 << 10

// word replaces variables. It leaves a word with an unknown variable unchanged, so its $ marks it as unknown.
func (e *expander) word(text string, env shell.Variables) string {
	e.budget.Steps(3 + len(text)/budget.BytesOfRunes)
	if !strings.ContainsAny(text, "$'\"\\`") {
		return text
	}
	if strings.Contains(text, "$") {
		if len(text) > maxWord {
			return text
		}
		nested, patterns := substitutions(text)
		wild := 1 + strings.Count(text, "*") + strings.Count(text, "?")
		e.budget.Steps(nested*(1+len(text)/budget.BytesOfRunes) + patterns*wild*len(text))
	}
	result, err := e.lex.ProcessWordWithMatches(text, shortValues{env, e.budget})
	if err != nil || len(result.Unmatched) > 0 {
		return text
	}
	e.budget.Bytes(len(result.Result))
	e.budget.Steps(len(result.Result) / budget.BytesOfRunes)
	return result.Result
}

// shortValues are the variables whose values are not too long to be put into others, as BuildKit's lexer asks for them.
type shortValues struct {
	shell.Variables
	budget *budget.Budget
}

// Get implements lexer.EnvGetter.
func (s shortValues) Get(name string) (string, bool) {
	value, ok := s.Variables.Get(name)
	s.budget.Steps(1 + len(value)/budget.BytesOfRunes)
	if len(value) > shell.MaxValue {
		return "", false
	}
	return value, ok
}

// Keys implements lexer.EnvGetter. The lexer does not ask for them.
func (s shortValues) Keys() []string { return nil }
