package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"dockerflow/cmd/output"
	"dockerflow/cmd/prompt"
	"dockerflow/cmd/report"
	"dockerflow/generator/failure"
	"dockerflow/generator/tree"
)

// hostiles are texts that act on a terminal, hide text from the reader, or are commands to a CI runner.
var hostiles = map[string]string{
	"for terminals":         "x\x1b[31m\x1b]0;title\x07y\u009b2Jz\u202ea\u2066b\u200f\u061cc\u200bd\ufeffe\u3164",
	"a raw C1 byte":         "x\x9b2Jy",
	"lines":                 "x\n::stop-commands::y\r::error::y\u2028::error::y\u0085::error::z",
	"a command":             "::stop-commands::y",
	"an indented one":       " \t\u00a0:\u0301:error::y",
	"commands in a line":    "a##[command]b##vso[task.setvariable variable=a]c##teamcity[buildStop comment='a']d",
	"commands with accents": "a#\u200d#[command]b##\u0301[command]c##\ufe0fvso[task.complete]d#\x00#[command]e",
}

// invisible matches characters that a runner ignores when it compares texts.
func invisible(r rune) bool { return !unicode.IsSpace(r) && unicode.In(r, unicode.C, unicode.M) }

// commandIn matches a line that a CI runner takes for a command.
func commandIn(text string) string {
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		seen := strings.Map(func(r rune) rune {
			if invisible(r) {
				return -1
			}
			return r
		}, line)
		if strings.HasPrefix(strings.TrimSpace(seen), "::") || strings.Contains(seen, "##[") || strings.Contains(seen, "##vso[") || strings.Contains(seen, "##teamcity[") {
			return line
		}
	}
	return ""
}

// ownCommand is a line of check --format github.
var ownCommand = regexp.MustCompile(`(?m)^::(error|warning|notice) (file=[^:,]*,)?(line=\d+,)?title=[^:,]*(%2C[^:,]*)*::[^\n\r]*\n`)

// hidden matches characters that a terminal would act on or not show.
func hidden(text string) bool {
	return !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsGraphic(r) })
}

// world is a folder with everything that commands read, with a hostile text in every possible place.
type world struct {
	dir, hostile string
}

func newWorld(t *testing.T, hostile string) *world {
	t.Helper()
	w := &world{dir: t.TempDir(), hostile: hostile}
	if code := w.run(t, nil, io.Discard, io.Discard, "new", w.path("project"), "--template", "go", "--name", "hello", "--yes", "--no-git"); code != failure.OK {
		t.Fatal("no project was made")
	}
	q := quoted(hostile)
	w.write(t, map[string]string{
		"project/main.go":          "package main\n" + hostile + "\n " + hostile + "\n",
		"project/go.mod":           "",
		"clash/README.md":          hostile + "\n " + hostile + "\n",
		"repo/Dockerfile":          "FROM x:latest\nEXPOSE 80\nENV A=\"" + hostile + "\"\nUSER " + hostile + "\nCMD " + hostile + "\n",
		"repo/.circleci/x":         "",
		"repo/.dockerflow.yaml":    "check:\n  ignore:\n    S6: " + q + "\n",
		"plain/Dockerfile":         "FROM x\nUSER a\nCMD run\n",
		"plain/.dockerflow.yaml":   "check:\n  ignore:\n    S3: " + q + "\n",
		"known/.dockerflow.yaml":   "check:\n  baseline: " + q + "\n",
		"record/.dockerflow.yaml":  "template: " + q + "\nversion: 1\nanswers:\n  " + q + ": " + q + "\nfiles:\n  " + q + ": x\n",
		"source/.dockerflow.yaml":  "template: x\nsource: " + q + "\nversion: 1\nanswers:\n  name: a\nfiles:\n",
		"batch.json":               "{\"name\": \"a\", \"dir\": " + dirOf(w.path("batch"), hostile) + "}\n{\"name\": " + q + "}\n{" + q + ": 1}\n{\"name\": \"b\", \"dir\": " + dirOf(w.path("batch"), "b") + ", \"template\": " + q + "}\n",
		"dirs.json":                "{\"name\": \"a\", \"dir\": " + dirOf(w.path("dirs"), hostile) + "}\n",
		"answers.yaml":             q + ": 1\n",
		"team/template.yaml":       "about: " + q + "\nversion: 1\nquestions:\n  - {name: a, ask: " + q + ", type: string, default: b}\n",
		"team/files/x.tmpl":        "<% .a %>" + hostile + "<% \"" + hostile + "\" %>",
		"team/golden/a.txtar":      "dockerflow new out --template . " + hostile + " --yes\n-- out/x --\nb\n",
		"fine/template.yaml":       "about: a\nversion: 1\nquestions:\n  - {name: a, ask: a, type: string, default: b}\n",
		"fine/files/x":             hostile,
		"fine/golden/a.txtar":      "dockerflow new out --template . --yes\n-- out/x --\n" + hostile + "\n",
		"said.log":                 "{\"Timestamp\": " + q + "}\n" + hostile + "\n",
		"baseline.json":            `{"dockerflow_baseline": 1, "findings": [{"rule": "S3", "path": ` + q + `, "text": ` + q + "}]}\n",
		"baselines/" + "b":         q,
		"config.yaml":              "answers:\n  owner: acme\ntemplates:\n  acme: \"https://example.com/" + q[1:] + "\n",
		"odd/" + flatName(hostile): "",
	})
	return w
}

// flatName returns a hostile text as a file name.
func flatName(s string) string { return strings.ReplaceAll(s, "/", "_") }

func dirOf(parent, hostile string) string { return quoted(filepath.Join(parent, flatName(hostile))) }

// quoted returns a text as a string that is valid in both JSON and YAML. It keeps invalid UTF-8.
func quoted(s string) string {
	b := []byte{'"'}
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		if r == '"' || r == '\\' || r < ' ' || size > 1 {
			b = fmt.Appendf(b, `\u%04x`, r)
		} else {
			b = append(b, s[:size]...)
		}
		s = s[size:]
	}
	return string(append(b, '"'))
}

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

func (w *world) write(t *testing.T, files map[string]string) {
	t.Helper()
	write(t, w.dir, files)
}

func (w *world) run(t *testing.T, getenv func(string) string, out, err io.Writer, args ...string) int {
	t.Helper()
	env := Env{
		In: strings.NewReader(""), Out: output.New(out, getenv), Err: output.New(err, getenv),
		FS: tree.Disk{}, Templates: testTemplates(), Cache: w.path("cache"),
	}
	if args[0] == "config" || args[0] == "templates" { // for other commands, an error in it would be the only output
		env.Config = w.path("config.yaml")
	}
	return Run(t.Context(), args, env)
}

// onGitHub is the environment of a GitHub Actions job.
func onGitHub(name string) string { return map[string]string{"GITHUB_ACTIONS": "true"}[name] }

// line is a command line and the format of its output: text, json, xml, annotations for github, or a patch.
type line struct {
	kind string
	args []string
}

// lines returns command lines whose output shows the hostile text in every possible place.
func (w *world) lines() []line {
	h, dir := w.hostile, w.path(flatName(w.hostile))
	var all []line
	add := func(kind string, args ...string) { all = append(all, line{kind, args}) }
	project := []string{"--template", "go", "--name", "hello", "--yes", "--no-git"}
	add("", append([]string{"new", dir + "-1"}, project...)...)
	add("json", append([]string{"new", dir + "-2", "--json"}, project...)...)
	add("", append([]string{"new", dir + "-3", "--dry-run"}, project...)...)
	add("json", append([]string{"new", dir + "-3", "--dry-run", "--json"}, project...)...)
	add("patch", append([]string{"new", w.path("clash"), "--dry-run"}, project...)...)
	add("", append([]string{"new", w.path("clash")}, project...)...)
	add("json", append([]string{"new", w.path("clash"), "--json"}, project...)...)
	add("", "new", w.path("described"), "--template", "go", "--name", "hello", "--description", h, "--yes", "--no-git")
	add("json", "new", w.path("described2"), "--template", "go", "--name", "hello", "--description", h, "--yes", "--no-git", "--json")
	for _, flag := range []string{"--name", "--template", "--answers", "--batch", "--on-conflict", "--ci", "--owner"} {
		add("", "new", w.path("none"), "--template", "go", "--yes", "--no-git", flag, h)
	}
	add("", "new", w.path("none"), "--template", "go", "--yes", "--no-git", "--answers", w.path("answers.yaml"))
	add("", "new", "--batch", w.path("batch.json"), "--template", "go", "--no-git", "--allow-outside")
	add("", "new", "--batch", w.path("dirs.json"), "--template", "go", "--no-git", "--dry-run", "--allow-outside")
	add("json", "new", "--batch", w.path("batch.json"), "--template", "go", "--no-git", "--json", "--dry-run", "--allow-outside")
	add("", "new", w.path("teamed"), "--template", w.path("team"), "--yes", "--no-git")
	add("", "new", "--help", "--template", w.path("team"))
	for _, p := range []string{"project", "record", "source", "known"} {
		add("patch", "diff", w.path(p))
		add("", "diff", w.path(p), "--name-status")
		add("json", "diff", w.path(p), "--json")
		add("patch", "update", w.path(p), "--dry-run")
		add("", "update", w.path(p), "--check")
		add("json", "update", w.path(p), "--dry-run", "--json")
		add("", "check", w.path(p))
	}
	add("patch", "adopt", w.path("repo"), "--template", "go", "--name", "hello", "--yes", "--dry-run")
	add("json", "adopt", w.path("repo"), "--template", "go", "--name", "hello", "--yes", "--dry-run", "--json")
	for _, format := range report.Formats {
		kind := map[string]string{report.JSON: "json", report.SARIF: "json", report.JUnit: "xml", report.GitHub: "github"}[format]
		for _, repo := range []string{"plain", "repo"} {
			add(kind, "check", w.path(repo), "--format", format, "--baseline", w.path("baseline.json"), "--log", w.path("said.log"), "--verbose")
		}
	}
	add("patch", "check", w.path("repo"), "--fix", "--dry-run")
	for _, flag := range []string{"--baseline", "--dockerfile", "--url", "--log", "--image", "--engine", "--format", "--list"} {
		add("", "check", w.path("repo"), flag, h)
	}
	add("", "check", w.path("repo"), "--baseline", w.path("baselines/b"))
	add("", "check", w.path("repo"), "--write-baseline", dir+"-4")
	add("", "check", h)
	for _, args := range [][]string{{"templates"}, {"templates", h}, {"templates", w.path("team")}, {"template", "check", h}, {"template", "test", h},
		{"template", "check", w.path("team")}, {"template", "test", w.path("team")}, {"template", "test", w.path("fine")}, {"template", "check", w.path("fine")},
		{"template", "new", dir + "-5", "--no-git"}, {"template", "new", w.path("none"), "--extends", h}, {"template", h},
		{"config"}, {"config", h}, {"config", "answers." + h}, {"config", "answers." + h, "x"}, {"config", "answers.owner", h}, {"config", "templates.x", h}, {"config", "templates.acme"}, {"config", "--unset", "answers." + h},
		{h}, {"--" + h}, {"check", "--" + h}, {"completion", h}, {"version", h}, {"help", h}, {"adopt", h}, {"update", h}, {"diff", h},
		{"__complete", "new", "--template", h}, {"__complete", "config", h}, {"__complete", "new", "--template", w.path("team"), "--a", h}} {
		add("", args...)
	}
	add("json", "template", "check", w.path("team"), "--json")
	add("json", "template", "test", w.path("fine"), "--json")
	add("json", "templates", w.path("team"), "--json")
	add("json", "templates", "--json")
	add("json", "config", "--json")
	return all
}

// In every format, a hostile text reaches pipes and CI runners as plain text only.
func TestOutputIsHarmless(t *testing.T) {
	t.Parallel()
	for name, hostile := range hostiles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, hostile)
			for _, l := range w.lines() {
				var out, said bytes.Buffer
				w.run(t, onGitHub, &out, &said, l.args...)
				text := out.String()
				if l.kind == "github" {
					text = ownCommand.ReplaceAllStringFunc(text, func(s string) string { return strings.TrimPrefix(s, "::") })
				}
				for _, text := range []string{text, said.String()} {
					if found := commandIn(text); found != "" {
						t.Errorf("%q printed the command %q", l.args, found)
					}
					if l.kind != "patch" && hidden(text) {
						t.Errorf("%q printed %q", l.args, text)
					}
				}
				if l.kind == "json" && out.Len() > 0 && !json.Valid(out.Bytes()) {
					t.Errorf("%q did not print JSON: %q", l.args, text)
				}
			}
		})
	}
}

// JSON output preserves every text exactly.
func TestJSONIsExact(t *testing.T) {
	t.Parallel()
	for name, hostile := range hostiles {
		if !utf8.ValidString(hostile) {
			continue // JSON cannot represent the text
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, hostile)
			type file struct{ Path, Diff string }
			type inFolder struct {
				Dir   string
				Files []file
			}
			var made, changed inFolder
			var rows []inFolder
			var checked struct {
				Baseline struct{ Gone []struct{ Text string } }
			}
			decode := func(to any, args ...string) {
				t.Helper()
				var out, said bytes.Buffer
				w.run(t, nil, &out, &said, args...)
				if err := json.Unmarshal(out.Bytes(), to); err != nil {
					t.Fatalf("%q: %v: %s%s", args, err, out.String(), said.String())
				}
			}
			dir := w.path(flatName(hostile))
			decode(&made, "new", dir, "--template", "go", "--name", "hello", "--yes", "--dry-run", "--json")
			decode(&rows, "new", "--batch", w.path("dirs.json"), "--template", "go", "--dry-run", "--json", "--allow-outside")
			decode(&changed, "diff", w.path("project"), "--json")
			decode(&checked, "check", w.path("plain"), "--baseline", w.path("baseline.json"), "--json")
			if made.Dir != dir || rows[0].Dir != filepath.Join(w.path("dirs"), flatName(hostile)) {
				t.Errorf("the folders are %q and %q", made.Dir, rows[0].Dir)
			}
			if !slices.ContainsFunc(changed.Files, func(f file) bool {
				return strings.Contains(f.Diff, "\n+"+strings.ReplaceAll(hostile, "\n", "\n+")+"\n")
			}) {
				t.Errorf("the difference is %q", changed.Files)
			}
			if gone := checked.Baseline.Gone; len(gone) == 0 || gone[0].Text != hostile {
				t.Errorf("the baseline is %+v", checked.Baseline)
			}
		})
	}
}

// git can apply a patch, also in a GitHub job. Only if the runner would find commands in it is it quoted: then git refuses
// the whole patch. Files always get it unquoted.
func TestPatchIsExact(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	for name, hostile := range hostiles {
		for where, getenv := range map[string]func(string) string{"anywhere": nil, "on GitHub": onGitHub} {
			t.Run(name+"/"+where, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, strings.ReplaceAll(hostile, "\x00", ""))
				var pipe, said bytes.Buffer
				if code := w.run(t, getenv, &pipe, &said, "diff", w.path("project")); code != failure.OK {
					t.Fatal(said.String())
				}
				file, err := os.Create(w.path("patch"))
				if err != nil {
					t.Fatal(err)
				}
				defer file.Close()
				w.run(t, getenv, file, io.Discard, "diff", w.path("project"))
				quoted := where == "on GitHub" && commandIn(w.patch(t)) != ""
				if exact := pipe.String() == w.patch(t); exact == quoted || quoted != strings.Contains(said.String(), "write it to a file") {
					t.Errorf("quoted %v: a pipe got\n%q, a file\n%q, and it said %s", quoted, pipe.String(), w.patch(t), said.String())
				}
				if quoted {
					if err := w.apply(t, pipe.Bytes()); err == nil {
						t.Error("git applied what was quoted")
					}
				}
				if err := w.apply(t, []byte(w.patch(t))); err != nil {
					t.Error(err)
				}
				var none bytes.Buffer
				if code := w.run(t, nil, &none, io.Discard, "diff", w.path("project"), "--exit-code"); code != failure.OK || none.Len() > 0 {
					t.Errorf("exit %d, and the remaining difference is %q", code, none.String())
				}
			})
		}
	}
}

// apply reverts a patch.
func (w *world) apply(t *testing.T, patch []byte) error {
	t.Helper()
	c := exec.CommandContext(t.Context(), "git", "apply", "-R", "--whitespace=nowarn")
	c.Dir, c.Stdin = w.path("project"), bytes.NewReader(patch)
	c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_CEILING_DIRECTORIES="+w.dir)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func (w *world) patch(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(w.path("patch"))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// noSpace is a file on a full device.
type noSpace struct{}

func (noSpace) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

// wordy lists command lines that print output, at least one for every command.
var wordy = map[string][]string{
	"dockerflow":                       {""},
	"dockerflow adopt":                 {"adopt my_shop --template go --yes", "adopt my_shop --template go --yes --dry-run", "adopt my_shop --template go --yes --json"},
	"dockerflow check":                 {"check repo", "check repo --json", "check repo --format sarif", "check repo --format junit", "check repo --format github", "check --list", "check --list --json", "check repo --write-baseline b.json", "check repo --fix --dry-run"},
	"dockerflow completion":            {"completion"},
	"dockerflow completion bash":       {"completion bash"},
	"dockerflow completion fish":       {"completion fish"},
	"dockerflow completion powershell": {"completion powershell"},
	"dockerflow completion zsh":        {"completion zsh"},
	"dockerflow config":                {"config", "config --json", "config answers.owner", "config answers.owner me", "config --unset answers.owner"},
	"dockerflow diff":                  {"diff out", "diff out --name-status", "diff out --json", "diff out --exit-code"},
	"dockerflow help":                  {"help", "help new"},
	"dockerflow new":                   {"new x --template go --yes", "new x --template go --yes --json", "new x --template go --yes --dry-run", "new clash --template go --yes", "new --batch rows", "new --batch rows --json"},
	"dockerflow template":              {"template"},
	"dockerflow template check":        {"template check team", "template check team --json"},
	"dockerflow template new":          {"template new mine --extends go"},
	"dockerflow template schema":       {"template schema"},
	"dockerflow template test":         {"template test team", "template test team --json"},
	"dockerflow templates":             {"templates", "templates --json", "templates go"},
	"dockerflow update":                {"update out", "update out --check", "update out --dry-run", "update out --json"},
	"dockerflow version":               {"version"},
}

// Every command fails if its report cannot be written.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	root, err := Root(t.Context(), newRig("").Env, nil)
	if err != nil {
		t.Fatal(err)
	}
	root.InitDefaultHelpCmd()
	left := maps.Clone(wordy)
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		path := c.CommandPath()
		lines := append(slices.Clone(left[path]), strings.TrimPrefix(path, "dockerflow")+" --help")
		if delete(left, path); len(lines) < 2 {
			t.Errorf("no line shows what %s prints", path)
		}
		for _, line := range lines {
			t.Run(line, func(t *testing.T) {
				t.Parallel()
				if s := wordyRig(t); Run(t.Context(), strings.Fields(line), s.Env) > failure.Finding || s.out.Len() == 0 {
					t.Errorf("printed %q and %q", s.out.String(), s.err.String())
				}
				s := wordyRig(t)
				s.Out = output.New(noSpace{}, nil)
				s.run(t, failure.Failed, line)
				if !strings.Contains(s.err.String(), "dockerflow: error: standard output: "+syscall.ENOSPC.Error()) {
					t.Errorf("said %q", s.err.String())
				}
			})
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
	if len(left) > 0 {
		t.Errorf("there are no commands for %v", left)
	}
}

// wordyRig returns a rig with the input of the wordy command lines.
func wordyRig(t *testing.T) *rig {
	t.Helper()
	s := made(t, "")
	s.Templates = release("1")
	s.Config = "config.yaml"
	for name, text := range map[string]string{
		"out/README.md":       "mine\n",
		"clash/README.md":     "mine\n",
		"my_shop/go.mod":      "module shop\n",
		"repo/Dockerfile":     "FROM x\nCMD run\n",
		"config.yaml":         "answers:\n  owner: acme\n",
		"rows":                "{\"template\": \"go\", \"name\": \"a\"}\n",
		"team/template.yaml":  "about: a\nversion: 1\n",
		"team/files/x":        "x\n",
		"team/golden/a.txtar": "dockerflow new out --template . --yes\n-- out/x --\ny\n",
	} {
		if err := writeFile(s.FS, name, text); err != nil {
			t.Fatal(err)
		}
	}
	s.out.Reset()
	s.err.Reset()
	return s
}

// Prompts show any folder name as typed.
func TestPromptsAreHarmless(t *testing.T) {
	t.Parallel()
	const line, want = "new a\x1b[31m\u202eb --template go --name x --no-git", `in a\x1b[31m\u202eb: `
	form := newRig("")
	form.fillIn(t, failure.Interrupted, line, func(ty *typist) {
		for range 6 {
			ty.press("enter")
		}
		ty.sees("Write the service?", want)
		if view := ty.form.View(); hidden(view) {
			t.Errorf("the form is %q", view)
		}
		ty.press("esc")
	})
	lines := newRig("\n\n\n\n\n\n2\n")
	lines.Prompts = prompt.Lines
	lines.run(t, failure.Interrupted, line)
	if said := lines.err.String(); hidden(said) || !strings.Contains(said, want) {
		t.Errorf("the lines are %q", said)
	}
}

// Text that cobra prints past the streams is harmless, too.
func TestCompletionIsHarmless(t *testing.T) {
	t.Parallel()
	program, err := exec.LookPath("dockerflow")
	if err != nil {
		t.Fatal(err)
	}
	for name, hostile := range hostiles {
		if strings.Contains(hostile, "\x00") {
			continue // an argument cannot contain it
		}
		for _, words := range [][]string{{"new", "--" + hostile, ""}, {hostile, ""}, {"new", "--template", hostile, "--ci", ""}} {
			c := exec.CommandContext(t.Context(), program, append([]string{"__complete"}, words...)...)
			c.Dir = t.TempDir()
			out, err := c.CombinedOutput()
			if err != nil || hidden(string(out)) || commandIn(string(out)) != "" {
				t.Errorf("%s: %v: %q", name, err, out)
			}
		}
	}
}
