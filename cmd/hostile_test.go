package cmd

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"dockerflow/generator/tree"
)

// acts matches characters that a terminal would act on or display differently.
func acts(r rune) bool {
	return r != '\n' && r != '\t' && r != '\u200d' && !unicode.IsGraphic(r)
}

// Templates are untrusted: neither their texts nor errors about them may move the cursor, set a title or reverse text.
func TestNoTemplateReachesTheTerminal(t *testing.T) {
	t.Parallel()
	const good = "about: a service\nversion: 1\n"
	tests := []struct {
		name  string
		files map[string]string
		code  int
	}{
		{"about", map[string]string{"template.yaml": `about: "a\e]0;x\a"` + "\nversion: 1\n"}, 2},
		{"about as it is", map[string]string{"template.yaml": "about: a\x1b[31m\nversion: 1\n"}, 2},
		{"next", map[string]string{"template.yaml": good + `next: ["\e[2J"]`}, 2},
		{"a key", map[string]string{"template.yaml": good + `"\e[2J": 1`}, 2},
		{"a duplicate key", map[string]string{"template.yaml": good + `"\e": 1` + "\n" + `"\e": 1`}, 2},
		{"a value of the wrong type", map[string]string{"template.yaml": "about: a\nversion: \"\\e[2J\"\n"}, 2},
		{"a base", map[string]string{"template.yaml": good + `extends: "\e[2J"`}, 2},
		{"a base that hides", map[string]string{"template.yaml": good + `extends: "a\u202eb"`}, 2},
		{"a base in git", map[string]string{"template.yaml": good + `extends: "https://127.0.0.1:1/\e[2J@v1"`}, 2},
		{"drop", map[string]string{"template.yaml": good + `drop: ["\e"]`}, 2},
		{"a question's name", map[string]string{"template.yaml": good + `questions: [{name: "\e", ask: a, type: string, default: a}]`}, 2},
		{"a question's hint", map[string]string{"template.yaml": good + `questions: [{name: a, ask: a, hint: "\e", type: string, pattern: b, default: a}]`}, 2},
		{"a choice", map[string]string{"template.yaml": good + `questions: [{name: a, ask: a, type: choice, default: b, choices: [{value: "\u009b2J"}]}]`}, 2},
		{"a default that its question refuses", map[string]string{"template.yaml": good + `questions: [{name: a, ask: a, type: string, default: "<% \"\\x1b\" %>"}]`}, 2},
		{"a default that fails", map[string]string{"template.yaml": good + `questions: [{name: a, ask: a, type: string, default: "<% first \"\\x1b\" %>"}]`}, 2},
		{"a file's name", map[string]string{"files/a\x1b[2J": "a"}, 2},
		{"a folder's name", map[string]string{"files/a\x1b[2J/b": "a"}, 2},
		{"a file's name that turns around", map[string]string{"files/a\u202etxt.exe": "a"}, 2},
		{"a part's name", map[string]string{"parts/a\x1b[2J": "<% .nothing"}, 2},
		{"a text that does not parse", map[string]string{"files/a.tmpl": "<% \x1b[2J %>"}, 2},
		{"an unknown function", map[string]string{"files/a.tmpl": "<% a\u009b %>"}, 2},
		{"an unterminated string", map[string]string{"files/a.tmpl": "<% \"\x1b[2J %>"}, 2},
		{"an invalid number", map[string]string{"files/a.tmpl": "<% 1\x1b[2J %>"}, 2},
		{"a value without a range", map[string]string{"files/a.tmpl": `<% range "\x1b[2J" %><% end %>`}, 2},
		{"a loop's text in an error", map[string]string{"files/a.tmpl": "<% range 1.5 %>\x1b[2J<% end %>"}, 2},
		{"an unknown answer", map[string]string{"files/a.tmpl": "<% index . \"\x1b[2J\" \"a\" %>"}, 2},
		{"a missing part", map[string]string{"files/a.tmpl": `<% template "\x1b[2J" %>`}, 2},
		{"a part that includes itself", map[string]string{"files/a.tmpl": `<% define "\x1b[2J" %><% template "\x1b[2J" %><% end %>`}, 2},
		{"a duplicate definition", map[string]string{"files/a.tmpl": `<% define "\x1b" %>a<% end %>`, "files/b.tmpl": `<% define "\x1b" %>b<% end %>`}, 2},
		{"a format", map[string]string{"files/a.tmpl": "<% printf \"%\x1b*d\" 1 %><% printf \"%*\x1b\" 1 %>"}, 2},
		{"no problems", map[string]string{}, 0},
	}
	for _, tt := range tests {
		for _, command := range []string{"new", "check", "json"} {
			t.Run(tt.name+"/"+command, func(t *testing.T) {
				t.Parallel()
				all := map[string]string{"template.yaml": good, "files/c": "c"}
				maps.Copy(all, tt.files)
				dir := t.TempDir()
				write(t, dir, all)
				r := newRig("")
				r.FS = tree.Disk{}
				r.Env.Templates = fstest.MapFS{"common/files/a": &fstest.MapFile{}, "common/template.yaml": &fstest.MapFile{Data: []byte("{}")}}
				args := []string{"template", "check", dir}
				if command != "check" {
					args = []string{"new", filepath.Join(dir, "out"), "--template", dir, "--yes", "--no-git"}
				}
				if command == "json" {
					args = append(args, "--json", "--dry-run")
				}
				code := Run(t.Context(), args, r.Env)
				if command != "check" && code != tt.code {
					t.Errorf("exit %d, want %d", code, tt.code)
				}
				if printed := r.out.String() + r.err.String(); strings.ContainsFunc(printed, acts) || printed == "" {
					t.Errorf("printed %q", printed)
				}
			})
		}
	}
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, data := range files {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(data), 0o644); err != nil {
			t.Skip(err) // the file system does not allow the name
		}
	}
}
