package golden

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dockerflow/cmd"
	"dockerflow/cmd/output"
	"dockerflow/generator/cases"
	"dockerflow/generator/tree"
	"dockerflow/templates"
)

// modules are paths that the pattern of --module accepts, and whether a service can have them.
var modules = map[string]bool{
	"github.com/example/hello": true, "github.com/example/hello/v2": true, "go.example.com": true, "example.com/a/v1/b": true,
	"example.com/con2/_x": true, "example.com/a.b/c-": true, "example.com/com0": true, "example.com/internal/a": true, "example.md/v2": true,
	"example.com/con": false, "example.com/CON/hello": false, "example.com/nul.x/hello": false, "nul.example/hello": false,
	"example.com/a/Lpt9": false, "example.com/aux": false, "example.com/prn": false, "example.com/a/com1.b/v2": false,
	"example.com/vendor": false, "example.com/vendor/hello": false,
	"example.com/hello/v1": false, "example.com/hello/v0": false, "example.com/hello/v01": false, "gopkg.in/hello": false,
	"example.com/internal": false, "example.com/LICENSE/v2": false, "golang.org/x/sys": false,
}

// dryRun returns the error of `dockerflow new --dry-run`, or "".
func dryRun(t *testing.T, template string, flags ...string) string {
	t.Helper()
	var said bytes.Buffer
	env := cmd.Env{In: strings.NewReader(""), Out: output.New(&bytes.Buffer{}, nil), Err: output.New(&said, nil), FS: tree.NewMemory(), Templates: templates.FS}
	args := append([]string{"new", "--template", template, "--name", "hello", "--yes", "--dry-run"}, flags...)
	if cmd.Run(t.Context(), args, env) != 0 && said.Len() == 0 {
		t.Fatalf("%q fails and says nothing", args)
	}
	return said.String()
}

// TestModulesAreThoseThatGoTakes checks each path with the go command.
func TestModulesAreThoseThatGoTakes(t *testing.T) {
	t.Parallel()
	for path, good := range modules {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			said := dryRun(t, "go", "--module", path)
			if good != (said == "") {
				t.Errorf("dockerflow says %q", said)
			}
			if err := goTakes(t, path); good && err != "" {
				t.Errorf("go says %s", err)
			} else if err != "" && !strings.Contains(said, "want another one") {
				t.Errorf("go says %s, and dockerflow %q", err, said)
			}
		})
	}
	if said := dryRun(t, "go", "--owner", "con"); !strings.Contains(said, `--module "github.com/con/hello": want another one`) {
		t.Errorf("an owner that is no part of a module's path: %q", said)
	}
	if said := dryRun(t, "go", "--owner", "con", "--module", "example.com/hello"); said != "" {
		t.Errorf("an owner beside a module of another path: %s", said)
	}
}

// goTakes returns the go command's error for a service with that module path, or "".
func goTakes(t *testing.T, path string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module " + path + "\n\ngo 1.24\n", "internal/app/app.go": "package app\n",
		"main.go": "package main\n\nimport _ \"" + path + "/internal/app\"\n\nfunc main() {}\n",
	} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.CommandContext(t.Context(), "go", "list", "-deps", "./...")
	c.Dir, c.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local")
	if out, err := c.CombinedOutput(); err != nil {
		return err.Error() + ": " + string(out)
	}
	return ""
}

// TestPackagesAreThoseThatNpmTakes has names that npm refuses for a new package, according to its
// validate-npm-package-name.
func TestPackagesAreThoseThatNpmTakes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"hello", "@acme/hello", "@acme/http", "a.b_c-d", "con", "node", "json", "1"} {
		if said := dryRun(t, "node", "--package", name); said != "" {
			t.Errorf("--package %s: %s", name, said)
		}
	}
	for _, name := range []string{"http", "fs", "sys", "node_modules", "favicon.ico", "-x", "~", "a~1", "_x", ".x", "@-/x", "@~/x", "node:http", "Hello", "fastify"} {
		if dryRun(t, "node", "--package="+name) == "" {
			t.Errorf("--package %s is taken", name)
		}
	}
}

// TestNoModuleIsBuiltOverAFile checks that go build, which names a program after the module, overwrites no file.
func TestNoModuleIsBuiltOverAFile(t *testing.T) {
	t.Parallel()
	top := map[string]bool{}
	for name, c := range read(t) {
		for p := range run(t, c) {
			if strings.HasPrefix(name, "go") {
				first, _, _ := strings.Cut(p, "/")
				top[first] = true
			}
		}
	}
	if len(top) < 10 {
		t.Fatalf("only %v", top)
	}
	for name := range top {
		if !strings.HasPrefix(name, ".") && dryRun(t, "go", "--module", "example.com/"+name) == "" {
			t.Errorf("a module may end in %s", name)
		}
	}
}

// TestDependenciesAreReserved checks the reserved modules against go.mod.
func TestDependenciesAreReserved(t *testing.T) {
	t.Parallel()
	c, err := cases.Parse([]byte("dockerflow new out --template go --name hello --yes\n"))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^(?:require|\t)\s*(\S+) v`).FindAllStringSubmatch(string(run(t, c)["go.mod"].Data), -1)
	if len(found) < 3 {
		t.Fatalf("only %v", found)
	}
	for _, m := range found {
		if said := dryRun(t, "go", "--module", m[1]); !strings.Contains(said, "depends on") {
			t.Errorf("--module %s: %q", m[1], said)
		}
	}
}
