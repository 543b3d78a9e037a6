package template

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"time"

	"dockerflow/generator/tree"
)

// meter counts the cost of rendering. All work of a template is counted: text/template cannot be interrupted
// otherwise, so the parse tree contains calls of tick.
type meter struct {
	limits
	now      func() time.Time
	stopped  func() error // why the result is no longer needed; may be nil
	deadline time.Time

	steps, results, outputs, files int
}

func newMeter(l limits) *meter { return startMeter(l, time.Now) }

func startMeter(l limits, now func() time.Time) *meter {
	return &meter{limits: l, now: now, deadline: now().Add(l.time)}
}

// tick is called with the number of words that follow. It prints nothing.
func (m *meter) tick(words int) (string, error) {
	if m.steps += words; m.steps > m.limits.steps {
		return "", &tree.LimitError{What: "steps", Limit: m.limits.steps}
	}
	return "", m.look()
}

func (m *meter) look() error {
	if m.stopped != nil {
		if err := m.stopped(); err != nil {
			return err
		}
	}
	if m.now().After(m.deadline) {
		return &tree.LimitError{What: "seconds to render", Limit: int(m.time / time.Second)}
	}
	return nil
}

// count counts the result of a function.
func (m *meter) count(result int) error {
	if m.results += result; result > m.result {
		return &tree.LimitError{What: "from one function", Limit: m.result}
	}
	if m.results > m.limits.results {
		return &tree.LimitError{What: "from all functions", Limit: m.limits.results}
	}
	return nil
}

// file counts a generated file.
func (m *meter) file(size int) error {
	m.files++
	m.outputs += size
	switch {
	case size > m.output:
		return &tree.LimitError{What: "in a file", Limit: m.output}
	case m.outputs > m.limits.outputs:
		return &tree.LimitError{What: "in all files", Limit: m.limits.outputs}
	case m.files > m.limits.files:
		return &tree.LimitError{What: "files", Limit: m.limits.files}
	}
	return nil
}

// wrap returns a metered function of the same type. A result that would be too large is refused before it is
// allocated.
func (m *meter) wrap(name string, fn any) any {
	f := reflect.ValueOf(fn)
	return reflect.MakeFunc(f.Type(), func(args []reflect.Value) []reflect.Value {
		if _, err := m.tick(1); err != nil {
			panic(err) // as in text/template, the error is the one of the call
		}
		if err := checkAlloc(name, args, f.Type().IsVariadic(), m.result); err != nil {
			panic(err)
		}
		var out []reflect.Value
		if f.Type().IsVariadic() {
			out = f.CallSlice(args)
		} else {
			out = f.Call(args)
		}
		if err := m.count(textSize(out[0])); err != nil {
			panic(err)
		}
		return out
	}).Interface()
}

// output is a file that is being rendered.
type output struct {
	bytes.Buffer
	*meter
}

func (o *output) Write(p []byte) (int, error) {
	if o.Len()+len(p) > o.output {
		return 0, &tree.LimitError{What: "in a file", Limit: o.output}
	}
	return o.Buffer.Write(p)
}

// inFile adds the name of the file to an error. An error of text/template may quote the whole file, so it is
// shortened.
func inFile(file string, err error) error {
	if err == nil {
		return nil
	}
	var limit *tree.LimitError
	switch {
	case errors.As(err, &limit):
		return &tree.LimitError{File: file, What: limit.What, Limit: limit.Limit}
	case len(err.Error()) > maxMessage:
		return errors.New(strings.ToValidUTF8(err.Error()[:maxMessage], "") + "…")
	}
	return err
}
