package cmd

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dockerflow/cmd/prompt"
)

// lines runs a command line on a terminal that supports only plain lines.
func lines(t *testing.T, code int, line, in string) *rig {
	t.Helper()
	s := newRig(in)
	s.Prompts = prompt.Lines
	s.run(t, code, line)
	return s
}

func TestLinesDefaults(t *testing.T) {
	t.Parallel()
	s := lines(t, 0, "new --no-git", strings.Repeat("\n", 9))
	s.recorded(t, "hello", goDefaults)
	want := `  1. go: a service in Go
  2. node: a service in Node
Template [go]: Service name [hello]: Description [A web service]: Owner [example]: Image [example/hello]: ` +
		`  1. circleci: a circle.yml
  2. github: a workflow
  3. none: no configuration
Continuous integration [circleci]: Module path [github.com/example/hello]: Port [8000]: ` +
		`6 files in hello: .dockerflow.yaml, README.md, bin/run, circle.yml, go.mod, main.go
  1. go: Write them
  2. stop: Stop
Continue? [go]: `
	if diff := cmp.Diff(want, s.err.String()); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(s.out.String(), "dockerflow new hello --template go --name hello --no-git --yes\n") {
		t.Errorf("no command line:\n%s", s.out.String())
	}
}

func TestLinesAnswers(t *testing.T) {
	t.Parallel()
	want := `template: node
version: 1
answers:
  name: "api"
  description: "Says \"hi\""
  owner: "Acme"
  image: "acme/api"
  ci: "none"
  scope: "@acme/api"
  strict: false
`
	answers := "2\napi\nSays \"hi\"\nAcme\n\n3\n\nfalse\ngo\n"
	for name, in := range map[string]string{
		"numbers":  answers,
		"words":    strings.NewReplacer("2\n", "node\n", "3\n", "none\n").Replace(answers),
		"windows":  strings.ReplaceAll(answers, "\n", "\r\n"),
		"spaces":   strings.ReplaceAll(answers, "\n", " \t\n"),
		"typed on": answers + "rm -rf /\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := lines(t, 0, "new", in)
			s.recorded(t, "api", want)
		})
	}
}

// An invalid answer is explained, and the question is asked again.
func TestLinesMistakes(t *testing.T) {
	t.Parallel()
	s := lines(t, 0, "new --owner acme", "9\nrust\n1\nMy App\nnul\ntest\napi\n\n\n0\n4\n2\n\neighty\n80\nmaybe\n1\n")
	s.recorded(t, "api", strings.NewReplacer("hello", "api", "example", "acme", "circleci", "github", "8000", "80").Replace(goDefaults))
	var said []string
	for line := range strings.Lines(s.err.String()) {
		if _, mistake, ok := strings.Cut(line, "]:   want "); ok {
			said = append(said, "want "+strings.TrimSpace(mistake))
		}
	}
	want := []string{
		"want one of go, node",
		"want one of go, node",
		"want lower-case letters, digits and hyphens, such as my-app",
		`want another one: "nul" is a device name on Windows, such as nul-service`,
		`want another one: "test" is a folder of Go's, such as test-service`,
		"want one of circleci, github, none",
		"want one of circleci, github, none",
		"want a whole number",
		"want one of go, stop",
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
}

// Wherever the input ends, nothing is written: an incomplete line is not an answer.
func TestLinesEnd(t *testing.T) {
	t.Parallel()
	all := []string{"1", "api", "", "", "", "", "", "", "go"}
	names := []string{"template", "name", "description", "owner", "image", "ci", "module", "port", "the last question"}
	for n := range all {
		for _, rest := range []string{"", "half"} {
			in := strings.Join(append(all[:n:n], rest), "\n")
			s := lines(t, 2, "new", in)
			s.empty(t)
			if want := "the input ended before " + names[n] + " was answered: nothing was written"; !strings.Contains(s.err.String(), want) {
				t.Errorf("%q: %s; want %s", in, s.err.String(), want)
			}
		}
	}
}

func TestLinesReview(t *testing.T) {
	t.Parallel()
	const line = "new --template go --name hello --description d --owner o --image o/hello --ci none --module m"
	for answer, want := range map[string]struct {
		code   int
		readme string
	}{
		"1": {0, "mine\n"}, "skip": {0, "mine\n"}, "": {0, "mine\n"},
		"2": {0, "# hello\n\nd\n\nImage: o/hello\n"}, "overwrite": {0, "# hello\n\nd\n\nImage: o/hello\n"},
		"3": {130, "mine\n"}, "stop": {130, "mine\n"},
	} {
		t.Run("answer "+answer, func(t *testing.T) {
			t.Parallel()
			s := newRig("\n" + answer + "\n")
			s.Prompts = prompt.Lines
			if err := writeFile(s.FS, "hello/README.md", "mine\n"); err != nil {
				t.Fatal(err)
			}
			s.run(t, want.code, line)
			got := s.files(t, "hello")
			if got["README.md"] != want.readme {
				t.Errorf("README.md: %q", got["README.md"])
			}
			if _, ok := got["go.mod"]; ok != (want.code == 0) {
				t.Errorf("go.mod written: %v", ok)
			}
			if !strings.Contains(s.err.String(), "Conflicts: README.md has different content\n") {
				t.Errorf("said %s", s.err.String())
			}
		})
	}
	s := newRig(strings.Repeat("\n", 9))
	s.Prompts = prompt.Lines
	if err := writeFile(s.FS, "file", ""); err != nil {
		t.Fatal(err)
	}
	s.run(t, 2, "new file")
	if !strings.Contains(s.err.String(), "error: file is not a folder\n") {
		t.Errorf("said %s", s.err.String())
	}
}
