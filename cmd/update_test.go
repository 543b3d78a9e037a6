package cmd

import (
	"strings"
	"testing"

	"dockerflow/cmd/prompt"
	"dockerflow/generator/failure"
)

// made returns a rig that runs the second release on a project of the first.
func made(t *testing.T, in string) *rig {
	t.Helper()
	s := newRig(in)
	s.Templates = release("1")
	s.run(t, 0, "new out --template go --name hello --yes")
	s.Templates = release("2")
	return s
}

// The form and plain lines ask only new questions, and the last question shows what will change.
func TestUpdateAsksWhatIsNew(t *testing.T) {
	t.Parallel()
	form := made(t, "")
	form.fillIn(t, 0, "update out", func(ty *typist) { ty.press("90", "enter", "enter") })
	lines := made(t, "90\n1\n")
	lines.Prompts = prompt.Lines
	lines.run(t, 0, "update out")
	said := lines.err.String()
	if !strings.HasPrefix(said, "Port [8000]: ") || !strings.Contains(said, "files to change: .dockerflow.yaml, Dockerfile, README.md") {
		t.Errorf("plain lines: %q", said)
	}
	for name, s := range map[string]*rig{"form": form, "lines": lines} {
		if got := s.files(t, "out")["internal/config.go"]; !strings.Contains(got, "port = 90\n") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// Choosing Stop at the last question changes nothing.
func TestUpdateStops(t *testing.T) {
	t.Parallel()
	s := made(t, "90\n2\n")
	s.Prompts = prompt.Lines
	before := s.files(t, "out")
	s.run(t, failure.Interrupted, "update out")
	after := s.files(t, "out")
	for name, data := range before {
		if after[name] != data {
			t.Errorf("%s: %q", name, after[name])
		}
	}
}

// With --yes or without prompts, a new question uses its default.
func TestUpdateTakesDefaults(t *testing.T) {
	t.Parallel()
	for _, prompts := range []prompt.Kind{prompt.None, prompt.Lines} {
		s := made(t, "")
		s.Prompts = prompts
		s.run(t, 0, "update out --yes")
		if got := s.files(t, "out")["internal/config.go"]; !strings.Contains(got, "port = 8000\n") {
			t.Errorf("%q", got)
		}
	}
}

// adopt asks with the guesses as defaults, and can write only the record.
func TestAdoptAsks(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]bool{"1": true, "2": false} {
		s := newRig("\nacme\n\n" + answer + "\n")
		s.Templates = release("1")
		s.Prompts = prompt.Lines
		if err := writeFile(s.FS, "my_shop/app.go", "package main\n"); err != nil {
			t.Fatal(err)
		}
		s.run(t, 0, "adopt my_shop --template go")
		got := s.files(t, "my_shop")
		if _, written := got["version.json"]; written != want {
			t.Errorf("answer %s: %v", answer, got)
		}
		if record := got[".dockerflow.yaml"]; !strings.Contains(record, "name: \"my-shop\"\n  owner: \"acme\"") {
			t.Errorf("answer %s: %s", answer, record)
		}
		if got["main.go"] != "" || got["app.go"] != "package main\n" {
			t.Errorf("answer %s: application code was written", answer)
		}
	}
}

// A recorded answer that is no longer valid must be replaced. If its question is gone, it is dropped with a note.
func TestUpdateOfOldAnswers(t *testing.T) {
	t.Parallel()
	s := made(t, "")
	record := s.files(t, "out")[".dockerflow.yaml"]
	for _, tt := range []struct {
		from, to, line, want string
		code                 int
	}{
		{`ci: "circleci"`, `ci: "gone"`, "update out", `the recorded answer is no longer valid: --ci "gone": want one of`, 2},
		{`ci: "circleci"`, `ci: "gone"`, "update out --ci none --dry-run", "", 0},
		{`ci: "circleci"`, "ci: \"circleci\"\n  colour: \"red\"", "update out --dry-run", "template go no longer asks for colour", 0},
		{"template: go", "template: goo", "update out", `no template "goo"`, 2},
		{`"main.go"`, `"../main.go"`, "update out", `out/.dockerflow.yaml:15:3: path "../main.go": want a relative`, 2},
		{"answers:", "check: {}\nanswers:", "update out --check", "not up to date", 1},
	} {
		if err := writeFile(s.FS, "out/.dockerflow.yaml", strings.Replace(record, tt.from, tt.to, 1)); err != nil {
			t.Fatal(err)
		}
		before := s.files(t, "out")
		s.run(t, tt.code, tt.line)
		if !strings.Contains(s.err.String(), tt.want) {
			t.Errorf("%s: %q, want %q", tt.line, s.err.String(), tt.want)
		}
		if after := s.files(t, "out"); len(after) != len(before) {
			t.Errorf("%s: %d files, were %d", tt.line, len(after), len(before))
		}
	}
}

// An edited state of an update is refused: nothing is rolled back from it, least of all outside the project.
func TestUpdateRefusesADamagedState(t *testing.T) {
	t.Parallel()
	for _, journal := range []string{
		"{", `{"format":1,"token":"x","edits":[{"path":"../own"}]}`, `{"format":1,"token":"../x","edits":[]}`, `{"format":9}`,
	} {
		s := made(t, "")
		for name, data := range map[string]string{"journal": journal, "originals": "", "lock": ""} {
			if err := writeFile(s.FS, "out/.dockerflow-update/"+name, data); err != nil {
				t.Fatal(err)
			}
		}
		if err := writeFile(s.FS, "own", "mine\n"); err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{"update out", "update out --abort", "update out --check", "diff out", "adopt out"} {
			s.run(t, 2, line)
		}
		if got := s.files(t, ".")["own"]; got != "mine\n" {
			t.Errorf("%s: %q", journal, got)
		}
	}
}
