package cmd

import (
	"errors"
	"maps"
	"strings"
	"testing"

	"dockerflow/cmd/prompt"
	"dockerflow/generator/tree"
)

// configured returns a rig with a user configuration.
func configured(t *testing.T, in, text string) *rig {
	t.Helper()
	s := newRig(in)
	s.Config = "home/config.yaml"
	if err := writeFile(s.FS, s.Config, text); err != nil {
		t.Fatal(err)
	}
	return s
}

const mine = "answers:\n  name: cart\n  owner: acme\n  ci: none\n"

// Prompts show the user's defaults, and the printed command includes them, because other machines have others.
func TestConfigInPrompts(t *testing.T) {
	t.Parallel()
	const same = "To repeat this without questions:\n  dockerflow new cart --template go --name cart --owner acme --ci none --yes\n"
	s := configured(t, "", mine)
	s.fillIn(t, 0, "new", func(ty *typist) {
		ty.sees("> cart")
		ty.press("enter", "enter", "enter")
		ty.sees("> acme", "> acme/cart", "> none")
		ty.press("enter", "enter", "enter", "enter", "enter", "enter")
	})
	if !strings.Contains(s.out.String(), same) {
		t.Errorf("got %s, want %s", s.out.String(), same)
	}
	s = configured(t, strings.Repeat("\n", 9), mine)
	s.Prompts = prompt.Lines
	s.run(t, 0, "new")
	if !strings.Contains(s.out.String(), same) || !strings.Contains(s.err.String(), "Owner [acme]: ") {
		t.Errorf("got %s%s, want %s", s.err.String(), s.out.String(), same)
	}
}

// With a configuration, --yes no longer gives the template's default, so the printed command includes that answer.
func TestConfigIsNamedByTheCommand(t *testing.T) {
	t.Parallel()
	s := configured(t, "", mine)
	s.fillIn(t, 0, "new svc --owner example", func(ty *typist) {
		ty.sees("> svc")
		ty.press("enter", "enter", "enter")
		ty.press("enter", "up", "up", "enter", "enter", "enter", "enter")
	})
	_, again, _ := strings.Cut(s.out.String(), "without questions:\n  dockerflow ")
	if want := "new svc --template go --name svc --owner example --ci circleci --yes\n"; again != want {
		t.Fatalf("got %q, want %q", again, want)
	}
	first := s.files(t, "svc")
	if err := s.FS.RemoveAll("svc"); err != nil {
		t.Fatal(err)
	}
	s.run(t, 0, again)
	if !maps.Equal(first, s.files(t, "svc")) {
		t.Error("the printed command gives another result")
	}
}

// An answer that one template refuses is not its default. An answer that all refuse is an error before the first prompt.
func TestConfigThatATemplateRefuses(t *testing.T) {
	t.Parallel()
	s := configured(t, "", "answers: {name: vendor}\n") // which go reserves
	s.fillIn(t, 0, "new", func(ty *typist) {
		ty.sees("> hello")
		ty.press("down")
		ty.press("enter")
		ty.sees("> vendor")
		ty.press("enter", "enter", "enter", "enter", "enter", "enter", "enter", "enter")
	})
	s.run(t, 2, "new --template go --yes")
	if want := `home/config.yaml:1:17: answers.name "vendor": want another one`; !strings.Contains(s.err.String(), want) {
		t.Errorf("got %s, want %s", s.err.String(), want)
	}
}

// failingRename is a file system whose Rename fails.
type failingRename struct{ tree.FS }

func (failingRename) Rename(string, string) error { return errors.New("no") }

// A configuration is written atomically.
func TestConfigIsWrittenWhole(t *testing.T) {
	t.Parallel()
	s := configured(t, "", mine)
	s.FS = failingRename{s.FS}
	s.run(t, 2, "config answers.owner globex")
	if got := s.files(t, "home"); len(got) != 1 || got["config.yaml"] != mine {
		t.Errorf("got %v, want %q unchanged", got, mine)
	}
}
