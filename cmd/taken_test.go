package cmd

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"dockerflow/generator/tree"
)

// flagsBeside returns the flags and shorthands of every command that has a flag for each question.
func flagsBeside(t *testing.T) map[string]string {
	t.Helper()
	const probe = "zz_probe"
	r := newRig("")
	r.Templates = fstest.MapFS{
		"svc/template.yaml": {Data: []byte("about: a\nversion: 1\nquestions:\n  - {name: " + probe + ", ask: A, type: string, default: a}\n")},
		"svc/files/a":       {},
	}
	root, err := Root(t.Context(), r.Env, []string{"new"})
	if err != nil {
		t.Fatal(err)
	}
	beside, asking := map[string]string{}, 0
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			walk(sub)
		}
		c.InitDefaultHelpFlag()
		c.InitDefaultVersionFlag()
		if c.Flags().Lookup(probe) == nil {
			return
		}
		asking++
		c.InheritedFlags() // adds the parents' flags
		c.Flags().VisitAll(func(f *pflag.Flag) {
			beside[f.Name], beside[f.Shorthand] = c.Name(), c.Name()
		})
	}
	walk(root)
	if asking < 3 {
		t.Fatalf("only %d commands ask", asking)
	}
	delete(beside, probe)
	delete(beside, "")
	return beside
}

// No question can have the name of another flag, including flags that a command gets later.
func TestNoQuestionTakesAFlag(t *testing.T) {
	t.Parallel()
	taken := takenNames(newRig("").Env)
	for flag, command := range flagsBeside(t) {
		if taken.Has(flag) == "" {
			t.Errorf("a question %q takes a flag of %s", flag, command)
		}
	}
	for _, name := range []string{"yes", "answers", "batch", "json", "force", "merge", "help", "template", "dir", "source", "t", "y", "h", "v", "no_git", "nogit", "dry_run"} {
		if taken.Has(name) == "" {
			t.Errorf("a question can be named %s", name)
		}
	}
	for _, name := range []string{"name", "owner", "module", "region", "no_cache", "yes_no", "a"} {
		if what := taken.Has(name); what != "" {
			t.Errorf("no question can be named %s: it %s", name, what)
		}
	}
}

// Whatever a question is called, no command panics: each reports an error with its position.
func TestTakenNamesAreRefusedAtTheirPlace(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"yes", "answers", "batch", "json", "force", "merge", "help", "h", "t", "template", "check", "ref", "no_git", "onconflict", "dir",
		"no-git", `"-"`, "--yes", `""`, "YES", "''", "Help",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, r := t.TempDir(), newRig("")
			r.FS = tree.Disk{}
			write(t, dir, map[string]string{
				"own/template.yaml":    "about: a service\nversion: 1\nquestions:\n  - {ask: A, type: string, default: a, name: " + name + "}\n",
				"own/files/a":          "a",
				"own/golden/a.txtar":   "dockerflow new out --template . --yes\n-- a --\na\n",
				"over/template.yaml":   "about: a service\nversion: 1\nextends: bad\n",
				"svc/.dockerflow.yaml": "template: own\nsource: ../own\nversion: 1\nanswers:\n  yes: \"a\"\nfiles:\n",
			})
			own, svc, out := filepath.Join(dir, "own"), filepath.Join(dir, "svc"), filepath.Join(dir, "out")
			const place = "template.yaml:4:46: "
			r.run(t, 1, "template check "+own)
			if !strings.Contains(r.out.String(), place) {
				t.Errorf("template check says %s", r.out.String())
			}
			for _, line := range []string{
				"new " + out + " --yes --template " + own,
				"update " + svc, "update " + svc + " --check", "adopt " + out + " --yes --template " + own, "template test " + own,
			} {
				r.run(t, 2, line)
				if !strings.Contains(r.err.String(), place) {
					t.Errorf("%s: %s", line, r.err.String())
				}
			}
			r.run(t, 0, "new --help --template "+own)
		})
	}
}

// An unknown question in an answers file, a row or a record causes no panic.
func TestTakenNamesInFiles(t *testing.T) {
	t.Parallel()
	for name := range flagsBeside(t) {
		if name == "template" {
			continue
		}
		r := newRig(name + ": true\n")
		r.run(t, 2, "new svc --template go --yes --answers -")
		if !strings.Contains(r.err.String(), `no question "`+name+`"`) {
			t.Errorf("answers %s: %s", name, r.err.String())
		}
		r = newRig("- {name: svc, template: go, " + name + ": true}\n")
		r.run(t, 2, "new --batch -")
		if !strings.Contains(r.err.String(), `no question "`+name+`"`) {
			t.Errorf("row %s: %s", name, r.err.String())
		}
		r = newRig("")
		r.run(t, 0, "new svc --template go --yes")
		text := r.files(t, "svc")[tree.RecordFile]
		if err := writeFile(r.FS, "svc/"+tree.RecordFile, strings.Replace(text, "answers:\n", "answers:\n  "+name+": \"a\"\n", 1)); err != nil {
			t.Fatal(err)
		}
		r.run(t, 0, "update svc --dry-run")
		if !strings.Contains(r.err.String(), "no longer asks for "+name+": the answer is dropped") {
			t.Errorf("record %s: %s", name, r.err.String())
		}
	}
}
