//go:build unix

package cmd

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"dockerflow/generator/tree"
)

// everyCommand lists command lines for each command: DIR is a project, NEW a folder that does not exist yet. Lines that
// start with ! run only for the first clones, because the command does not read the project.
var everyCommand = map[string][]string{
	"adopt":                 {"adopt DIR --template go --yes --dry-run --record-only", "adopt DIR --template go --yes --dry-run --force", "adopt DIR --template go --yes --merge --force"},
	"check":                 {"check DIR", "check DIR --fix --yes", "check --rules"},
	"completion":            {"!completion"},
	"completion bash":       {"!completion bash"},
	"completion fish":       {"!completion fish"},
	"completion powershell": {"!completion powershell"},
	"completion zsh":        {"!completion zsh"},
	"config":                {"!config", "!config owner acme"},
	"diff":                  {"diff", "diff DIR --json", "diff DIR --name-status --exit-code"},
	"help":                  {"!help"},
	"new":                   {"new DIR --template go --name hello --yes --dry-run", "new DIR/more --template go --yes", "!new NEW --template go --yes", "!new NEW --template DIR/tmpl --yes"},
	"template":              {"!template"},
	"template check":        {"template check DIR/tmpl"},
	"template new":          {"!template new NEW", "template new DIR/templates"},
	"template schema":       {"!template schema"},
	"template test":         {"template test DIR/tmpl"},
	"templates":             {"templates", "templates DIR/tmpl"},
	"update":                {"update --check", "update DIR --dry-run", "update DIR", "update DIR --force", "update DIR --abort --force", "update DIR --template http://127.0.0.1:1/x@v1.0.0"},
	"version":               {"!version"},
	"":                      {"!"},
}

// TestEveryCommandIsTried checks that everyCommand has every command.
func TestEveryCommandIsTried(t *testing.T) {
	t.Parallel()
	root, err := Root(t.Context(), newRig("").Env, nil)
	if err != nil {
		t.Fatal(err)
	}
	root.InitDefaultHelpCmd()
	var names []string
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		names = append(names, strings.TrimPrefix(strings.TrimPrefix(c.CommandPath(), "dockerflow"), " "))
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(root)
	for _, name := range names {
		if len(everyCommand[name]) == 0 {
			t.Errorf("no line tries %q", name)
		}
	}
	if len(names) != len(everyCommand) {
		t.Errorf("there are the commands %q", names)
	}
}

// In an untrusted clone, a command starts no program but git, and git starts none.
func TestCommandsStartOnlyGit(t *testing.T) {
	t.Parallel()
	recorder := newRecorder(t)
	program, err := exec.LookPath("dockerflow-2")
	if err != nil {
		t.Fatal(err)
	}
	for i, kind := range clones {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			c := newClone(t)
			c.dir = kind.make(c)
			calls := 0
			for _, lines := range everyCommand {
				for _, line := range lines {
					line, outside := strings.CutPrefix(line, "!")
					if !outside || i == 0 {
						calls += c.try(recorder, program, line)
					}
				}
			}
			if calls == 0 {
				t.Error("git was not called")
			}
			_, _ = c.git(c.dir, "", kind.wake...)
			if _, err := os.Stat(c.sang); err != nil {
				t.Error("plain git does not run the canary: the clone proves nothing")
			}
		})
	}
}

// try runs a command in a copy of the clone, and returns how often it called git.
func (c clone) try(r recorder, program, line string) int {
	c.Helper()
	work := c.TempDir()
	for _, dir := range []string{"record", "trace"} {
		if err := os.Mkdir(filepath.Join(work, dir), 0o755); err != nil {
			c.Fatal(err)
		}
	}
	top := filepath.Join(work, "clone")
	if err := os.CopyFS(top, os.DirFS(c.top)); err != nil {
		c.Fatal(err)
	}
	way, _ := filepath.Rel(c.top, c.dir)
	dir := filepath.Join(top, way)
	if strings.HasPrefix(line, "adopt") { // adopt requires a project without a record
		if err := os.Remove(filepath.Join(dir, tree.RecordFile)); err != nil {
			c.Fatal(err)
		}
	}
	words := strings.Fields(strings.NewReplacer("DIR", dir, "NEW", filepath.Join(work, "new")).Replace(line))
	run := exec.CommandContext(c.Context(), program, words...)
	run.Dir = dir
	run.Env = r.environ(work, c.canary)
	out, err := run.CombinedOutput()
	if run.ProcessState == nil || run.ProcessState.ExitCode() < 0 || strings.Contains(string(out), "panic:") {
		c.Errorf("%s: %v: %s", line, err, out)
	}
	started := r.started(c.T, work)
	for _, p := range started {
		if wrong := p.wrong(); wrong != "" {
			c.Errorf("%s: %s: %q", line, wrong, p.args)
		}
	}
	ran, children := r.traced(c.T, work)
	if ran < len(started) {
		c.Errorf("%s: git was called %d times, and says it ran %d times", line, len(started), ran)
	}
	for _, args := range children {
		if !strings.HasPrefix(strings.Join(args, "-"), "git-remote-http-") { // git's helper for a source that the user named
			c.Errorf("%s: git started %q", line, args)
		}
	}
	if sang, err := os.ReadFile(c.sang); err == nil {
		c.Errorf("%s ran\n%s", line, sang)
		os.Remove(c.sang)
	}
	return len(started)
}

// recorder is a PATH with a wrapper for each program. A wrapper records its call in the user's home and then executes the
// program. git's own trace records what git starts.
type recorder struct{ path string }

func newRecorder(t *testing.T) recorder {
	t.Helper()
	r := recorder{filepath.Join(t.TempDir(), "bin")}
	script := filepath.Join(filepath.Dir(r.path), "stand-in")
	write(t, filepath.Dir(r.path), map[string]string{"bin/none": "", "stand-in": fmt.Sprintf(`#!/bin/sh
name=${0##*/}
{ printf '%%s\0' "$name" "$@"; printf '\0'; /usr/bin/env -0; } > "$HOME/record/$$"
path='%s' IFS=:
for dir in $path; do
	if [ -x "$dir/$name" ]; then exec "$dir/$name" "$@"; fi
done
exit 127
`, os.Getenv("PATH"))})
	if err := os.Chmod(script, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			continue // PATH may name folders that do not exist
		}
		for _, e := range entries {
			if err := os.Symlink(script, filepath.Join(r.path, e.Name())); err != nil && !os.IsExist(err) {
				t.Fatal(err)
			}
		}
	}
	return r
}

// environ returns the user's environment, with secrets and with every variable that could mislead git.
func (r recorder) environ(home, canary string) []string {
	env := []string{
		"PATH=.:bin:" + r.path, "HOME=" + home, "GIT_CONFIG_NOSYSTEM=1", "GIT_TRACE2_EVENT=" + filepath.Join(home, "trace"), "A_TOKEN=secret",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
		"GIT_DIR=/nowhere", "GIT_WORK_TREE=/nowhere", "GIT_INDEX_FILE=/nowhere", "GIT_COMMON_DIR=/nowhere", "GIT_OBJECT_DIRECTORY=/nowhere",
		"GIT_CONFIG_PARAMETERS='user.name'='x'", "GIT_ALLOW_PROTOCOL=file:ext:ssh", "GIT_NO_LAZY_FETCH=0", "GIT_TEMPLATE_DIR=/nowhere",
	}
	for _, name := range []string{"GIT_EXTERNAL_DIFF", "GIT_ASKPASS", "SSH_ASKPASS", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_PAGER", "PAGER", "GIT_EDITOR",
		"EDITOR", "VISUAL", "GIT_SEQUENCE_EDITOR", "GIT_PROXY_COMMAND"} {
		env = append(env, name+"="+canary)
	}
	return env
}

// process is one call of a program.
type process struct {
	args []string
	env  map[string]string
}

// started returns the programs that were called through the PATH.
func (r recorder) started(t *testing.T, home string) (all []process) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(home, "record"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(home, "record", e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		args, env, _ := strings.Cut(string(data), "\x00\x00")
		p := process{strings.Split(args, "\x00"), map[string]string{}}
		for kv := range strings.SplitSeq(strings.TrimSuffix(env, "\x00"), "\x00") {
			name, value, _ := strings.Cut(kv, "=")
			p.env[name] = value
		}
		all = append(all, p)
	}
	return all
}

// traced reads git's own trace: how often git ran, and what it started.
func (r recorder) traced(t *testing.T, home string) (ran int, children [][]string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(home, "trace"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(home, "trace", e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			var said struct {
				Event string
				Argv  []string
			}
			if err := json.Unmarshal([]byte(line), &said); err != nil {
				t.Fatal(err)
			}
			if said.Event == "child_start" {
				children = append(children, said.Argv)
			}
		}
	}
	return len(entries), children
}

// hardened lists the settings that every call of git must have.
var hardened = []string{
	"safe.bareRepository=explicit", "core.fsmonitor=false", "core.hooksPath=/dev/null", "core.pager=cat", "core.editor=:", "diff.external=",
	"log.showSignature=false", "submodule.recurse=false", "gc.auto=0", "maintenance.auto=false",
}

// inherited lists the variables that git may inherit in a project, including those that a shell adds.
var inherited = []string{"PATH", "HOME", "TMPDIR", "GIT_CONFIG_NOSYSTEM", "GIT_TRACE2_EVENT", "PWD", "OLDPWD", "SHLVL", "_"}

// wrong returns what a call of git lacks to be unable to start programs, or "".
func (p process) wrong() string {
	if p.args[0] != "git" || len(p.args) < 2 || p.args[1] != "--no-pager" {
		return "it is not git, or has a pager"
	}
	settings, rest := map[string]bool{}, p.args[2:]
	for len(rest) > 2 && rest[0] == "-c" {
		settings[rest[1]], rest = true, rest[2:]
	}
	for _, want := range hardened {
		if !settings[want] {
			return "it lacks " + want
		}
	}
	if len(rest) > 0 && strings.HasPrefix(rest[0], "--git-dir=") {
		rest = rest[1:]
	}
	fixed := map[string]string{"LC_ALL": "C", "GIT_ALLOW_PROTOCOL": ":", "GIT_NO_LAZY_FETCH": "1", "GIT_NO_REPLACE_OBJECTS": "1", "GIT_LITERAL_PATHSPECS": "1",
		"GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat", "GIT_EDITOR": ":", "GIT_SEQUENCE_EDITOR": ":", "GIT_TERMINAL_PROMPT": "0", "GIT_CONFIG_COUNT": "0"}
	fetches := slices.Contains(rest, "ls-remote") || slices.Contains(rest, "fetch")
	if fetches {
		fixed["GIT_ALLOW_PROTOCOL"] = "https:ssh:http"
	}
	for name, want := range fixed {
		if p.env[name] != want {
			return fmt.Sprintf("%s is %q", name, p.env[name])
		}
	}
	if strings.HasPrefix(p.env["PATH"], ".") || strings.Contains(p.env["PATH"], "bin:") {
		return "its PATH leads into the folder it works in: " + p.env["PATH"]
	}
	for name := range p.env {
		own := fixed[name] != "" || slices.Contains(inherited, name)
		identity := settings["user.useConfigOnly=true"] && (strings.HasPrefix(name, "GIT_AUTHOR_") || strings.HasPrefix(name, "GIT_COMMITTER_") || name == "SSH_ASKPASS")
		if !own && !identity && !fetches && name != "GIT_ALLOC_LIMIT" {
			return "it has " + name
		}
	}
	for _, name := range []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_CONFIG_PARAMETERS",
		"GIT_TEMPLATE_DIR", "GIT_EXTERNAL_DIFF", "GIT_PROXY_COMMAND"} {
		if _, has := p.env[name]; has {
			return "it has " + name
		}
	}
	return ""
}
