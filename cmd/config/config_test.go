package config_test

import (
	"maps"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/spf13/afero"

	"dockerflow/cmd/config"
	"dockerflow/generator/tree"
)

const file = "home/dockerflow/config.yaml"

// with is a disk with a configuration of that text, or without one.
func with(t *testing.T, text string) tree.FS {
	t.Helper()
	fsys := tree.NewMemory()
	if text != "" {
		if err := afero.WriteFile(fsys, file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return fsys
}

func text(t *testing.T, fsys tree.FS) string {
	t.Helper()
	data, err := afero.ReadFile(fsys, file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// What is set is read back. No file, and no place for one, are an empty configuration.
func TestReadAndSet(t *testing.T) {
	t.Parallel()
	fsys := with(t, "")
	for _, name := range []string{file, ""} {
		if c, err := config.Read(fsys, name, nil); err != nil || len(c.Keys()) != 0 || c.Has("owner") {
			t.Errorf("%q: %v, %v", name, c, err)
		}
	}
	if err := config.Set(fsys, file, config.Answers, "owner", "acme"); err != nil {
		t.Fatal(err)
	}
	if err := config.Set(fsys, file, config.Templates, "ours", "https://example.org/t"); err != nil {
		t.Fatal(err)
	}
	c, err := config.Read(fsys, file, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !maps.Equal(c.Answers, map[string]string{"owner": "acme"}) || !maps.Equal(c.Templates, map[string]string{"ours": "https://example.org/t"}) {
		t.Errorf("answers %v, templates %v", c.Answers, c.Templates)
	}
	if !c.Has("owner") || c.Has("name") || c.Place("answers.owner") != file+":2:10" {
		t.Errorf("owner: %v, name: %v, at %s", c.Has("owner"), c.Has("name"), c.Place("answers.owner"))
	}
}

// All other lines stay as they are, with their comments.
func TestSetKeepsTheRest(t *testing.T) {
	t.Parallel()
	fsys := with(t, "# mine\nanswers:\n  owner: acme # us\n  ci: none\n")
	if err := config.Set(fsys, file, config.Answers, "owner", "globex"); err != nil {
		t.Fatal(err)
	}
	if found, err := config.Unset(fsys, file, config.Answers, "ci"); !found || err != nil {
		t.Errorf("ci: %v, %v", found, err)
	}
	if found, err := config.Unset(fsys, file, config.Answers, "ci"); found || err != nil {
		t.Errorf("ci, again: %v, %v", found, err)
	}
	if got, want := text(t, fsys), "# mine\nanswers:\n  owner: globex # us\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A file that was edited by hand may say anything. An error names the place.
func TestReadRefuses(t *testing.T) {
	t.Parallel()
	brought := fstest.MapFS{"go/template.yaml": {Data: []byte("about: a")}}
	for said, want := range map[string]string{
		"answer: {}\n":                           `config.yaml:1:1: unknown key "answer": did you mean answers?`,
		"answers:\n  owner: [a]\n":               "config.yaml:2:10: answers.owner: want text",
		"answers:\n  owner: a\n  owner: b\n":     "config.yaml:3:3: duplicate key answers.owner",
		"templates:\n  go: /t\n":                 "config.yaml:2:3: templates.go: dockerflow has a template of that name",
		"templates:\n  a: https://u:p@a.org/t\n": "config.yaml:2:6: templates.a: want a URL without user and password",
		"- a\n":                                  "config.yaml:1:1: want one document with answers: and templates:",
	} {
		if c, err := config.Read(with(t, said), file, brought); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v, want %s", said, c, err, want)
		}
	}
}

// Check says no to what Read would refuse, before anything is written.
func TestCheck(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		section, name, value string
		ok                   bool
	}{
		{config.Answers, "owner", "acme", true},
		{config.Answers, "template", "go", false},
		{config.Answers, "Owner", "acme", false},
		{config.Answers, "owner", "", false},
		{config.Answers, "owner", "a\nb", false},
		{config.Answers, "owner", "<% .name %>", false},
		{config.Templates, "ours", "/templates", true},
		{config.Templates, "ours", "git@example.org:t", true},
		{config.Templates, "ours", "./t", false},
		{config.Templates, "ours", "https://u:p@example.org/t", false},
	} {
		if err := config.Check(tt.section, tt.name, tt.value, nil); (err == nil) != tt.ok {
			t.Errorf("%s.%s %q: %v", tt.section, tt.name, tt.value, err)
		}
	}
}
