// Package golden tests the output of the program: each .txtar file here is a case. Its comment has command lines that run in
// order, and its files are all files that they write. If the comment has a line "base: NAME", the case contains only the
// differences from NAME.txtar: see package cases.
package golden

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dockerflow/cmd"
	"dockerflow/cmd/output"
	"dockerflow/generator/cases"
	"dockerflow/generator/contract"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
	"dockerflow/templates"
)

var update = flag.Bool("update", false, "rewrite golden/*.txtar with what the commands write")

// TestGolden runs every case, and checks its output against the static rules of the specification.
func TestGolden(t *testing.T) {
	t.Parallel()
	all := read(t)
	for name, c := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tree, base := run(t, c), tree.Tree(nil)
			checkRules(t, tree)
			if c.Base != "" {
				base = run(t, all[c.Base])
			}
			got, err := c.Format(tree, base)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := os.WriteFile(name+cases.Suffix, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := c.Diff(tree); diff != "" {
				t.Errorf("go test ./golden -update accepts this:\n%s", diff)
			}
		})
	}
}

// checkRules checks that every rule that files can decide passes. No file shows S12, and S11 needs a CI.
func checkRules(t *testing.T, tree tree.Tree) {
	t.Helper()
	_, circle := tree["circle.yml"]
	_, github := tree[".github/workflows/ci.yml"]
	files, err := tree.FS()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range contract.CheckRepo(t.Context(), files) {
		if !strings.HasPrefix(r.ID, "S") || r.ID == "S12" || r.ID == "S11" && !circle && !github {
			continue
		}
		if r.Status != contract.Pass {
			t.Errorf("%s (%s): %s: %s %v", r.ID, r.Says, r.Status, r.Note, r.Findings)
		}
	}
}

// TestGenerationIsDeterministic generates every case twice.
func TestGenerationIsDeterministic(t *testing.T) {
	if *update {
		t.Skip("the cases are being rewritten")
	}
	t.Parallel()
	for name, c := range read(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(run(t, c), run(t, c)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestEveryChoiceHasACase fails for a template, or a choice of one of its questions, that no case covers.
func TestEveryChoiceHasACase(t *testing.T) {
	if *update {
		t.Skip("the cases are being rewritten")
	}
	t.Parallel()
	all, err := template.Load(templates.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	shown := cases.Shown{}
	for name, c := range read(t) {
		if err := shown.Add(run(t, c)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, template := range all {
		if !shown[template.Name] {
			t.Errorf("no case for template %s", template.Name)
		}
		for _, choice := range shown.Without(template.Questions) {
			t.Errorf("no case for %s of template %s", choice, template.Name)
		}
	}
}

// TestTemplatesAreSound makes the checks that loading skips, as `dockerflow template check` does.
func TestTemplatesAreSound(t *testing.T) {
	t.Parallel()
	folders, err := fs.ReadDir(templates.FS, ".")
	if err != nil {
		t.Fatal(err)
	}
	lint := template.Lint{
		Bases: func(name string) (*template.Template, error) { return template.LoadNamed(templates.FS, name, nil) },
		Judge: cases.Judge,
	}
	for _, folder := range folders {
		t.Run(folder.Name(), func(t *testing.T) {
			t.Parallel()
			fsys, err := fs.Sub(templates.FS, folder.Name())
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range lint.Run(t.Context(), fsys, folder.Name()) {
				if folder.Name() != "common" || f.Text != "without about and version, others can extend this template, but nobody can use it" {
					t.Errorf("%s:%d:%d: %s", f.Path, f.Line, f.Column, f.Text)
				}
			}
		})
	}
}

// read reads all cases, by name.
func read(t *testing.T) map[string]*cases.Case {
	t.Helper()
	files, err := filepath.Glob("*" + cases.Suffix)
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	all := map[string]*cases.Case{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := cases.Parse(data)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[strings.TrimSuffix(file, cases.Suffix)] = c
	}
	for name, err := range cases.Link(all) {
		t.Fatalf("%s: %v", name+cases.Suffix, err)
	}
	return all
}

// run runs a case with the program's own templates.
func run(t *testing.T, c *cases.Case) tree.Tree {
	t.Helper()
	tree, err := c.Run(func(fsys tree.FS, args []string) (int, string) {
		var said bytes.Buffer
		env := cmd.Env{In: strings.NewReader(""), Out: output.New(&said, nil), Err: output.New(&said, nil), FS: fsys, Templates: templates.FS}
		return cmd.Run(t.Context(), args, env), said.String()
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}
