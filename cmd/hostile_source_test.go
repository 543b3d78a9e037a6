package cmd

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dockerflow/cmd/output"
	"dockerflow/generator/failure"
	"dockerflow/generator/tree"
)

// hostileSources are sources that an untrusted record or template.yaml could name to run a program or read a file. CANARY
// is a file that must not be created, MEGABYTE a text of that length.
var hostileSources = map[string]string{
	"a program as a transport":         "ext::sh -c touch% CANARY",
	"a descriptor as a transport":      "fd::17",
	"a helper as a transport":          "helper::https://example.com/x",
	"an option":                        "--upload-pack=touch CANARY",
	"an option behind a URL":           "https://127.0.0.1:1/x --upload-pack=touch CANARY",
	"an option for a host":             "ssh://-oProxyCommand=touch%20CANARY/x",
	"an option for a host, as scp":     "-oProxyCommand=touch CANARY:x",
	"an option for a user":             "ssh://-oProxyCommand=x@127.0.0.1:1/x",
	"a file as a URL":                  "file:///etc",
	"a plain transport":                "git://127.0.0.1:1/x",
	"an unsafe transport":              "http://example.com/x",
	"a subfolder that leads out":       "https://127.0.0.1:1/x//../../etc",
	"a subfolder in .git":              "https://127.0.0.1:1/x//.git/hooks",
	"a ref that is an option":          "https://127.0.0.1:1/x@--upload-pack=touch",
	"a ref that is a range":            "https://127.0.0.1:1/x@a..b",
	"a ref that is a refspec":          "https://127.0.0.1:1/x@a:refs/heads/b",
	"a control character":              "https://127.0.0.1:1/x\x1b[2J",
	"text that runs from right":        "https://127.0.0.1:1/x\u202e",
	"two lines":                        "https://127.0.0.1:1/x\nnext",
	"a password for ssh":               "ssh://a:geheim@127.0.0.1:1/x",
	"a password":                       "https://a:geheim@127.0.0.1:1/x",
	"a folder that is the whole disk":  "/",
	"a folder with a device":           "/dev",
	"a folder above":                   "../../..",
	"a Windows path":                   `C:\Windows`,
	"a share of Windows":               `\\127.0.0.1\share`,
	"a name that is the template's":    "./",
	"what only looks like an archive":  "./x.tar.gz",
	"a device that looks like a file":  "/dev/zero.tar",
	"a text of a megabyte":             "https://127.0.0.1:1/MEGABYTE",
	"an address with a query":          "https://127.0.0.1:1/x?--upload-pack=touch",
	"an address with a fragment":       "https://127.0.0.1:1/x#y",
	"variables":                        "$HOME/x/${PATH}",
	"a substitution":                   "./$(touch CANARY)",
	"a home":                           "~/x",
	"nothing but space":                " ",
	"nothing":                          "",
	"a slash too few":                  "https:/127.0.0.1/x",
	"an address of its own for the id": "https://127.0.0.1:1/x@" + strings.Repeat("0", 39),
}

// TestHostileSources tries each source as --template, in a project's record and as a template's base. No program runs,
// nothing is written, and no password is printed.
func TestHostileSources(t *testing.T) {
	t.Parallel()
	for name, source := range hostileSources {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			canary := filepath.Join(dir, "canary")
			source := strings.NewReplacer("CANARY", canary, "MEGABYTE", strings.Repeat("x", 1<<20)).Replace(source)
			project, layer := filepath.Join(dir, "project"), filepath.Join(dir, "layer")
			for file, text := range map[string]string{
				filepath.Join(project, tree.RecordFile): "template: x\nsource: " + quoteYAML(source) + "\nversion: 1\nanswers:\n  name: \"a\"\nfiles:\n",
				filepath.Join(layer, "template.yaml"):   "about: a\nversion: 1\nextends: " + quoteYAML(source) + "\n",
			} {
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			before := entries(t, dir)
			for _, args := range [][]string{
				{"new", filepath.Join(dir, "out"), "--template", source, "--yes"},
				{"templates", source},
				{"update", project},
				{"update", project, "--template", source},
				{"new", filepath.Join(dir, "out"), "--template", layer, "--yes"},
				{"template", "test", layer},
				{"template", "check", layer},
			} {
				var said bytes.Buffer
				env := Env{In: strings.NewReader(""), Out: output.New(&said, nil), Err: output.New(&said, nil), FS: tree.Disk{}, Git: runGit, Templates: testTemplates(), Cache: filepath.Join(dir, "cache")}
				if code := Run(t.Context(), args, env); code == failure.OK && !allowed(args, source) {
					t.Errorf("%.80q: exit %d: %s", args, code, said.String())
				}
				if strings.Contains(said.String(), "geheim") || strings.ContainsAny(said.String(), "\x1b\u202e") || said.Len() > 10_000 {
					t.Errorf("%.80q printed %.1000q", args, said.String())
				}
			}
			after := entries(t, dir)
			delete(after, "cache")
			if len(after) != len(before) {
				t.Errorf("there are %v", after)
			}
		})
	}
}

// allowed reports whether a text is harmless in its place, because it is not a source there.
func allowed(args []string, source string) bool {
	switch args[0] {
	case "update":
		return source == "" && len(args) > 2 // the flag is empty
	case "template", "new":
		return strings.TrimSpace(source) == "" // extends nothing
	}
	return false
}

func quoteYAML(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\x1b", `\e`, "\n", `\n`).Replace(s) + `"`
}

func entries(t *testing.T, dir string) map[string]bool {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, e := range list {
		found[e.Name()] = true
	}
	return found
}
