package cmd

import (
	"context"
	"strings"
	"testing"

	"dockerflow/generator/git"
)

// Defaults found on the machine are shown in prompts, and never used silently.
func TestLearntDefaults(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ config, owner string }{
		"a remote by HTTPS":      {"remote.origin.url https://github.com/acme/tools.git\n", "acme"},
		"a remote by SSH":        {"remote.origin.url git@github.com:acme/tools.git\n", "acme"},
		"the user":               {"github.user ada\n", "ada"},
		"the remote comes first": {"github.user ada\nremote.origin.url ssh://git@github.com/acme/tools\n", "acme"},
		"another forge":          {"remote.origin.url https://forge.example.org/acme/tools.git\n", "example"},
		"nothing":                {"", "example"},
		"what will not do":       {"github.user two words\n", "example"},
		"a trick":                {"github.user <%.name%>\n", "example"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			learnt := func(context.Context, git.Command) (string, error) { return test.config, nil }
			s := newRig("")
			s.Git = learnt
			s.fillIn(t, 130, "new", func(ty *typist) {
				ty.press("enter", "enter", "enter")
				ty.sees("┃ Owner", "> "+test.owner, "> "+test.owner+"/hello")
				ty.press("esc")
			})
			s = newRig("")
			s.Git = learnt
			s.run(t, 0, "new out --template go --yes --dry-run --json")
			if !strings.Contains(s.out.String(), `"owner": "example"`) {
				t.Errorf("--yes used defaults of this machine:\n%s", s.out.String())
			}
		})
	}
}
