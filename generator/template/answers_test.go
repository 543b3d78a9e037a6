package template

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"dockerflow/generator/template/templatetest"
)

// loadSvc loads the template svc of a valid file system.
func loadSvc(t *testing.T, fsys fstest.MapFS) *Template {
	t.Helper()
	all, err := Load(fsys, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tmpl := range all {
		if tmpl.Name == "svc" {
			return tmpl
		}
	}
	t.Fatalf("got %d templates, none of them svc", len(all))
	return nil
}

func TestResolve(t *testing.T) {
	t.Parallel()
	svc := loadSvc(t, templatetest.Files(templatetest.Asking))
	tests := []struct {
		name  string
		given map[string]string
		want  Answers
	}{
		{
			"defaults are parsed, and follow the answers before them",
			map[string]string{"name": "app", "module": "m"},
			Answers{"name": "app", "owner": "example", "image": "example/app", "module": "m", "port": 8000, "metrics": true, "ci": "none"},
		},
		{
			"a default follows a given answer",
			map[string]string{"name": "app", "module": "m", "owner": "Acme"},
			Answers{"name": "app", "owner": "Acme", "image": "acme/app", "module": "m", "port": 8000, "metrics": true, "ci": "none"},
		},
		{
			"what is given precedes every default",
			map[string]string{"name": "app", "owner": "acme", "image": "x/y", "module": "m", "port": "1", "metrics": "false", "ci": "github"},
			Answers{"name": "app", "owner": "acme", "image": "x/y", "module": "m", "port": 1, "metrics": false, "ci": "github"},
		},
		{
			"an answer is data, whatever delimiters it holds",
			map[string]string{"name": "app", "module": "<% .name %>", "image": "<% fail %>"},
			Answers{"name": "app", "owner": "example", "image": "<% fail %>", "module": "<% .name %>", "port": 8000, "metrics": true, "ci": "none"},
		},
		{
			"and so it is inside a default that is made of it",
			map[string]string{"name": "app", "module": "m", "owner": "<% .name %>"},
			Answers{"name": "app", "owner": "<% .name %>", "image": "<% .name %>/app", "module": "m", "port": 8000, "metrics": true, "ci": "none"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := svc.Resolve(tt.given)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestResolveRefuses(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", defaultMax)
	svc := loadSvc(t, templatetest.Files(templatetest.Asking))
	tests := []struct {
		name  string
		given map[string]string
		want  error
		says  string
	}{
		{
			"every unknown answer at once, before all else",
			map[string]string{"nmae": "app", "color": "red", "ci": "x"},
			&UnknownError{"svc", []string{"color", "nmae"}}, "template svc does not ask for color, nmae",
		},
		{
			"every missing answer at once, in the template's order",
			map[string]string{"ci": "github"},
			&MissingError{[]string{"name", "module"}}, "missing: --name, --module",
		},
		{
			"nothing given",
			nil,
			&MissingError{[]string{"name", "module"}}, "missing: --name, --module",
		},
		{
			"an empty answer is a wrong one, not a missing one",
			map[string]string{"name": "", "module": "m"},
			&AnswerError{Name: "name", Want: "want small letters"}, `--name "": want small letters`,
		},
		{
			"a wrong answer names its flag",
			map[string]string{"name": "app", "module": "m", "port": "high"},
			&AnswerError{Name: "port", Value: "high", Want: "want a whole number"}, `--port "high": want a whole number`,
		},
		{
			"a default that an answer makes too long is judged too",
			map[string]string{"name": "app", "module": "m", "owner": long},
			&AnswerError{Name: "image", Value: long + "/app", Want: "want at most 200 characters"}, "",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := svc.Resolve(tt.given)
			if err == nil || got != nil {
				t.Fatalf("got %v, %v; want an error and no answers", got, err)
			}
			if diff := cmp.Diff(tt.want, err); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if tt.says != "" && err.Error() != tt.says {
				t.Errorf("the message is %q, want %q", err, tt.says)
			}
		})
	}
}

func TestResolveNamesTheTemplateOfABadDefault(t *testing.T) {
	t.Parallel()
	svc := loadSvc(t, templatetest.Files(`
-- common/template.yaml --
questions: [{name: name, ask: Name, type: string, default: <% .nmae %>}]
-- common/files/x --
-- svc/template.yaml --
about: a service
extends: common
version: 1
-- svc/files/x --
`))
	_, err := svc.Resolve(nil)
	var wrong *AnswerError
	if err == nil || errors.As(err, &wrong) {
		t.Fatalf("got %v, want an error that blames the template and no answer", err)
	}
	if want := `template svc: template: default of name:1:3: executing "default of name" at <.nmae>: map has no entry for key "nmae"`; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	svc := loadSvc(t, templatetest.Files(templatetest.Asking))
	var got []string
	for _, q := range svc.Missing(map[string]string{"name": "", "ci": "x", "other": "y"}) {
		got = append(got, q.Name)
	}
	if diff := cmp.Diff([]string{"owner", "image", "module", "port", "metrics"}, got); diff != "" {
		t.Errorf("questions without an answer (-want +got):\n%s", diff)
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	svc := loadSvc(t, templatetest.Files(templatetest.Asking))
	tests := []struct {
		name, question string
		given          map[string]string
		want           string
	}{
		{"a fixed default", "port", nil, "8000"},
		{"a required question has no default", "name", nil, ""},
		{"no default before a required answer", "image", nil, ""},
		{"a default depends on given answers and other defaults", "image", map[string]string{"name": "app"}, "example/app"},
		{"a default depends on changed answers", "image", map[string]string{"name": "app", "owner": "Acme"}, "acme/app"},
		{"an answer that cannot be taken is not used", "image", map[string]string{"name": "No!"}, ""},
		{"the question's own answer does not change its default", "owner", map[string]string{"owner": "acme"}, "example"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			i := slices.IndexFunc(svc.Questions, func(q Question) bool { return q.Name == tt.question })
			if got := svc.Suggest(svc.Questions[i], tt.given); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if got := svc.Suggest(Question{Name: "none", Default: "x"}, nil); got != "" {
		t.Errorf("a question of another template: got %q, want nothing", got)
	}
}

func TestWithDefaults(t *testing.T) {
	t.Parallel()
	svc := loadSvc(t, templatetest.Files(templatetest.Asking))
	before := slices.Clone(svc.Questions)
	other := svc.WithDefaults(map[string]string{"name": "hello", "owner": "", "ci": "github", "unheard-of": "x"})

	given := map[string]string{"module": "m"}
	got, err := other.Resolve(given)
	if err != nil {
		t.Fatal(err)
	}
	want := Answers{"name": "hello", "owner": "example", "image": "example/hello", "module": "m", "port": 8000, "metrics": true, "ci": "github"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("new defaults, but for the empty one (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, svc.Questions, questionFields); diff != "" {
		t.Errorf("the template itself changed (-want +got):\n%s", diff)
	}
	if _, err := svc.Resolve(given); !errors.As(err, new(*MissingError)) {
		t.Errorf("the template itself: got %v, want a MissingError", err)
	}
}

// A default from the user's machine is not rendered as a template: it does not come from an author of a template.
func TestWithDefaultsExecutesNothing(t *testing.T) {
	t.Parallel()
	svc := loadSvc(t, templatetest.Files(templatetest.Asking)).WithDefaults(map[string]string{"owner": "<% .name %>"})
	got, err := svc.Resolve(map[string]string{"name": "app", "module": "m"})
	if err != nil {
		t.Fatal(err)
	}
	if got["owner"] != "example" {
		t.Errorf("got %q, want the template's own default", got["owner"])
	}
}
