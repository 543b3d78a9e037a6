package template

import (
	"errors"
	"fmt"
	"sync"
	"text/template"

	"dockerflow/generator/tree"
)

// engine executes parsed templates, for one goroutine at a time: its functions are metered.
type engine struct {
	set *template.Template
	*meter
	out output
}

// engine returns an unused engine that m limits.
func (s *parsed) engine(m *meter) *engine {
	if e, ok := s.idle.Get().(*engine); ok {
		*e.meter = *m
		return e
	}
	set, _ := s.set.Clone() // fails if the text is not a text template
	return &engine{set.Funcs(s.functions(m)), m, output{meter: m}}
}

// functions are those that the texts call: wrapping all functions would take longer than most texts.
func (s *parsed) functions(m *meter) template.FuncMap {
	all, funcs := functions(), template.FuncMap{tickName: m.tick}
	for name := range s.used {
		if fn, ok := all[name]; ok {
			funcs[name] = m.wrap(name, fn)
		}
	}
	return funcs
}

// rest returns an engine to the pool.
func (s *parsed) rest(e *engine) { s.idle.Put(e) }

// execute renders a text of the set. The result is valid until the next call.
func (e *engine) execute(name string, a Answers) (data []byte, err error) {
	defer caught(&err)
	e.out.Reset()
	err = e.set.ExecuteTemplate(&e.out, name, map[string]any(a))
	return e.out.Bytes(), err
}

// errPanic reports a bug in text/template. None is known, and fuzzing looks for one.
var errPanic = errors.New("text/template panics")

// caught converts a panic to an error: no template can end the program.
func caught(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%w: %v", errPanic, r)
	}
}

// defaults are a template's defaults that were parsed, by name and text.
type defaults struct{ parsed sync.Map }

// render renders a default with the answers before it.
func (d *defaults) render(q Question, a Answers) (string, error) {
	name := "default of " + q.Name
	if d == nil {
		return renderText(name, q.Default, a)
	}
	key := [2]string{q.Name, q.Default}
	p, ok := d.parsed.Load(key)
	if !ok {
		made, err := parseText(name, q.Default)
		if err != nil {
			return "", err
		}
		p, _ = d.parsed.LoadOrStore(key, made)
	}
	return p.(*parsed).text(name, a)
}

func renderText(name, text string, a Answers) (string, error) {
	p, err := parseText(name, text)
	if err != nil {
		return "", err
	}
	return p.text(name, a)
}

func parseText(name, text string) (*parsed, error) {
	if len(text) > maxDefault {
		return nil, &tree.LimitError{File: name, What: "of text", Limit: maxDefault}
	}
	p := newParsed(name)
	return p, p.parse(name, name, text)
}

func (s *parsed) text(name string, a Answers) (string, error) {
	e := s.engine(newMeter(ofDefault()))
	defer s.rest(e)
	data, err := e.execute(name, a)
	return string(data), inFile(name, err)
}
