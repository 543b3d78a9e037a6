package cmd

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"unicode"
)

// noticed returns the modules that have a notice, with their texts.
func noticed(t *testing.T) map[string]string {
	t.Helper()
	r := newRig("")
	r.run(t, 0, "version --notices")
	found, names, text := map[string]string{}, []string(nil), ""
	for line := range strings.Lines(r.out.String()) {
		name, isName := strings.CutPrefix(line, "== ")
		switch {
		case isName && text != "":
			names, text = nil, ""
			fallthrough
		case isName:
			names = append(names, strings.TrimSpace(name))
		case strings.TrimSpace(line) != "":
			text += line
			for _, n := range names {
				found[n] = text
			}
		}
	}
	return found
}

// Every linked module has a notice for its version, and no other module has one.
func TestNoticesAreOfWhatIsLinked(t *testing.T) {
	t.Parallel()
	found := noticed(t)
	c := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f",
		"{{with .Module}}{{if not .Main}}{{with .Replace}}{{if .Version}}{{$.Module.Path}} {{$.Module.Version}}{{end}}{{else}}{{.Path}} {{.Version}}{{end}}{{end}}{{end}}", "./dockerflow")
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	linked := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(linked) < 20 {
		t.Fatalf("only %d modules are linked", len(linked))
	}
	for _, module := range append(linked, "Go, its standard library and runtime") {
		if len(found[module]) < 30 {
			t.Errorf("%s has no notice: run go run ./.ci/notices", module)
		}
	}
	required, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for module := range found {
		if !strings.Contains(string(required), "\t"+module) && strings.Contains(module, "/") {
			t.Errorf("%s has a notice, and go.mod does not have it: run go run ./.ci/notices", module)
		}
	}
}

func TestNoticesAreTexts(t *testing.T) {
	t.Parallel()
	granted := []string{"Permission", "Redistribution", "Apache License", "MIT", "ISC"}
	for module, text := range noticed(t) {
		ok := false
		for _, words := range granted {
			ok = ok || strings.Contains(text, words)
		}
		if !ok {
			t.Errorf("%s: no licence in %q", module, text)
		}
		if i := strings.IndexFunc(text, func(r rune) bool { return !unicode.IsGraphic(r) && r != '\n' && r != '\t' }); i >= 0 {
			t.Errorf("%s: %q", module, text[i:])
		}
	}
	if len(noticesFile) > 64<<10 {
		t.Errorf("the notices take %d bytes", len(noticesFile))
	}
}
