//go:build unix

package cmd

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"dockerflow/cmd/output"
	"dockerflow/generator/failure"
	"dockerflow/generator/tree"
)

// patience is far longer than any of these commands takes; a command that waits for a pipe would wait forever.
const patience = 2 * time.Minute

// runs runs a command line and fails the test if it does not end.
func runs(ctx context.Context, t *testing.T, env Env, args ...string) (code int, said string) {
	t.Helper()
	var out bytes.Buffer
	env.In, env.Out, env.Err = strings.NewReader(""), output.New(&out, nil), output.New(&out, nil)
	env.FS, env.Git, env.Templates = tree.Disk{}, runGit, testTemplates()
	done := make(chan int, 1)
	go func() { done <- Run(ctx, args, env) }()
	select {
	case code := <-done:
		return code, out.String()
	case <-time.After(patience):
		t.Fatalf("dockerflow %q does not end", args)
		return 0, ""
	}
}

// put writes a file and its parent folders.
func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// pipe replaces a path with a named pipe.
func pipe(t *testing.T, name string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(name); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
}

// sampleProject writes a project in which each command has something to do.
func sampleProject(t *testing.T, dir string) {
	t.Helper()
	for name, text := range map[string]string{
		"Dockerfile":               "FROM node:24-slim\nWORKDIR /app\nCOPY . .\nCOPY run.sh version.json /app/\nUSER app\nENTRYPOINT [\"/app/run.sh\"]\n",
		"run.sh":                   "#!/bin/sh\nexec node server.js\n",
		"version.json":             "{}\n",
		".dockerignore":            "node_modules\n",
		".gitignore":               "node_modules\n",
		"package.json":             "{\"name\": \"x\"}\n",
		"README.md":                "# x\n",
		"circle.yml":               "version: 2.1\nsetup: true\n",
		".circleci/config.yml":     "version: 2.1\n",
		".github/workflows/ci.yml": "on: push\njobs: {}\n",
		"go.mod":                   "module x\n",
		"main.go":                  "package main\n",
	} {
		put(t, filepath.Join(dir, name), text)
	}
	if code, said := runs(t.Context(), t, Env{}, "adopt", dir, "--template", "go", "--name", "x", "--yes"); code != failure.OK {
		t.Fatalf("adopt: exit %d: %s", code, said)
	}
}

func TestNoCommandWaitsForAPipeInAProject(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Dockerfile", "run.sh", "version.json", ".dockerignore", ".gitignore", "package.json", "README.md", "circle.yml",
		".circleci", ".circleci/config.yml", ".github", ".github/workflows", ".github/workflows/ci.yml", "go.mod", "main.go", "bin/run",
		tree.RecordFile, "baseline.json",
		tree.StateFolder, tree.StateFolder + "/journal", tree.StateFolder + "/applied",
		tree.StateFolder + "/originals", tree.StateFolder + "/lock", tree.StateFolder + "/journal.new",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "x")
			sampleProject(t, dir)
			pipe(t, filepath.Join(dir, name))
			for _, args := range [][]string{
				{"check", dir}, {"check", dir, "--fix", "--dry-run"}, {"check", dir, "--fix"}, {"check", dir, "--baseline", filepath.Join(dir, name)},
				{"check", dir, "--write-baseline", filepath.Join(dir, name)}, {"diff", dir}, {"update", dir}, {"update", dir, "--abort"},
				{"adopt", dir, "--template", "go", "--name", "x", "--yes"}, {"new", dir, "--template", "go", "--yes"},
				{"new", dir, "--template", "go", "--yes", "--force"},
			} {
				if code, said := runs(t.Context(), t, Env{}, args...); code == failure.Interrupted || code != failure.OK && said == "" {
					t.Errorf("%q: exit %d: %s", args, code, said)
				}
			}
		})
	}
}

func TestNoCommandWaitsForAPipeInATemplate(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"template.yaml", "files", "files/a", "files/b.tmpl", "parts", "parts/p", "golden", "golden/c.txtar", "../t.tar.gz"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			top := t.TempDir()
			dir := filepath.Join(top, "t")
			put(t, filepath.Join(dir, "template.yaml"), "about: a\nversion: 1\n")
			put(t, filepath.Join(dir, "files/a"), "a\n")
			put(t, filepath.Join(dir, "golden/c.txtar"), "dockerflow new out --template . --yes\n")
			pipe(t, filepath.Join(dir, name))
			source := dir
			if name == "../t.tar.gz" {
				source = filepath.Join(top, "t.tar.gz")
			}
			for _, args := range [][]string{
				{"template", "check", source}, {"template", "test", source}, {"template", "test", source, "--write"},
				{"templates", source}, {"new", filepath.Join(top, "out"), "--template", source, "--yes"},
			} {
				if code, said := runs(t.Context(), t, Env{}, args...); code == failure.Interrupted || code != failure.OK && said == "" {
					t.Errorf("%q: exit %d: %s", args, code, said)
				}
			}
		})
	}
}

func TestTheConfigurationIsNoPipe(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "config.yaml")
	pipe(t, config)
	if code, said := runs(t.Context(), t, Env{Config: config}, "new", "out", "--template", "go", "--yes", "--dry-run"); code != failure.Failed || !strings.Contains(said, "not a regular file") {
		t.Errorf("exit %d: %s", code, said)
	}
}

// A command waits for a pipe that a flag names, reads it, and stops waiting when the run ends.
func TestAPipeThatAFlagNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "pipe")
	pipe(t, name)
	for _, args := range [][]string{
		{"new", filepath.Join(dir, "out"), "--answers", name, "--yes"}, {"new", "--batch", name}, {"check", dir, "--log", name},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		timer := time.AfterFunc(50*time.Millisecond, cancel)
		if code, said := runs(ctx, t, Env{}, args...); code == failure.OK {
			t.Errorf("%q: exit %d: %s", args, code, said)
		}
		timer.Stop()
		cancel()
	}
	written := make(chan error, 1)
	fed := filepath.Join(dir, "fed")
	pipe(t, fed)
	go func() { written <- os.WriteFile(fed, []byte("{\"template\": \"go\", \"name\": \"fed\"}\n"), 0o600) }()
	if code, said := runs(t.Context(), t, Env{}, "new", filepath.Join(dir, "fed-out"), "--answers", fed, "--yes", "--no-git"); code != failure.OK {
		t.Errorf("exit %d: %s", code, said)
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
}
