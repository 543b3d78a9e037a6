package prompt_test

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dockerflow/cmd/output"
	"dockerflow/cmd/prompt"
	"dockerflow/generator/template"
	"dockerflow/generator/template/templatetest"
)

// questions are those of two templates, of which nothing is given. The last one shows what was answered.
func questions(t *testing.T, shown *map[string]string) prompt.Questions {
	t.Helper()
	all, err := template.Load(templatetest.Files(`
-- common/template.yaml --
questions:
  - {name: name, ask: Name, type: string, required: true}
-- common/files/README.md --
-- a/template.yaml --
about: the first
extends: common
version: 1
questions:
  - {name: port, ask: Port, type: int, default: '8000'}
-- a/files/a --
-- b/template.yaml --
about: the second
extends: common
version: 1
-- b/files/b --
`), nil)
	if err != nil {
		t.Fatal(err)
	}
	return prompt.Questions{Templates: all, Given: map[string]string{}, Preview: func(given map[string]string) (*prompt.Preview, error) {
		*shown = maps.Clone(given)
		return &prompt.Preview{Says: "1 file", Decisions: []prompt.Decision{{Says: "Write it", Action: "go"}, {Says: "Stop", Action: prompt.Stop}}}, nil
	}}
}

// Lines are asked for what is not given, and a wrong answer is asked for again. The answers that were given stay as they are.
func TestAskLines(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		in, action string
		given      map[string]string
		want       map[string]string
		err        error
	}{
		"all":          {"1\nhello\n90\n1\n", "go", nil, map[string]string{"template": "a", "name": "hello", "port": "90"}, nil},
		"a default":    {"a\nhello\n\n\n", "go", nil, map[string]string{"template": "a", "name": "hello", "port": "8000"}, nil},
		"asked again":  {"a\nhello\nmany\n90\n\n", "go", nil, map[string]string{"template": "a", "name": "hello", "port": "90"}, nil},
		"some given":   {"hello\n\n", "go", map[string]string{"template": "b"}, map[string]string{"template": "b", "name": "hello"}, nil},
		"the last one": {"2\nhello\n2\n", "", nil, map[string]string{"template": "b", "name": "hello"}, prompt.ErrInterrupted},
	} {
		var shown map[string]string
		q := questions(t, &shown)
		maps.Copy(q.Given, tt.given)
		var out bytes.Buffer
		term := prompt.Terminal{Kind: prompt.Lines, In: strings.NewReader(tt.in), Out: output.New(&out, nil)}
		given, action, err := term.Ask(t.Context(), q)
		if !errors.Is(err, tt.err) || err == nil && (action != tt.action || !maps.Equal(given, tt.want)) {
			t.Errorf("%s: %v, %q, %v\n%s", name, given, action, err, out.String())
		}
		if diff := cmp.Diff(tt.want, shown); diff != "" || len(q.Given) != len(tt.given) {
			t.Errorf("%s: the last question was about other answers:\n%s", name, diff)
		}
	}
}

// Input that ends, and a run that does, are errors: nothing is decided.
func TestAskLinesEnds(t *testing.T) {
	t.Parallel()
	var shown map[string]string
	var out bytes.Buffer
	term := prompt.Terminal{Kind: prompt.Lines, In: strings.NewReader("a\n"), Out: output.New(&out, nil)}
	if _, _, err := term.Ask(t.Context(), questions(t, &shown)); err == nil || !strings.Contains(err.Error(), "the input ended before name was answered") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := term.Ask(ctx, questions(t, &shown)); !errors.Is(err, prompt.ErrInterrupted) {
		t.Errorf("error %v, want that of an interrupt", err)
	}
	if shown != nil {
		t.Errorf("the last question was asked about %v", shown)
	}
}

// A form is handed to its runner, and an error of the runner is that of Ask.
func TestAskForm(t *testing.T) {
	t.Parallel()
	var shown map[string]string
	title, broken := "", errors.New("no terminal")
	term := prompt.Terminal{Kind: prompt.Form, Run: func(_ context.Context, p prompt.Pages) error {
		p.Init()
		title = p.View()
		return broken
	}}
	if _, _, err := term.Ask(t.Context(), questions(t, &shown)); !errors.Is(err, broken) {
		t.Errorf("error %v, want that of the runner", err)
	}
	if !strings.Contains(title, "Template") {
		t.Errorf("the first page is %q", title)
	}
}
