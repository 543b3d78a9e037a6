// Package golden proves what comes out: each .txtar file here is one case. Its comment has the command lines that are
// run, one after the other, and its files are all that they leave behind.
package golden

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/spf13/afero"
	"go.yaml.in/yaml/v4"

	"dockerflow/cmd"
	"dockerflow/generator"
	"dockerflow/generator/spec"
	"dockerflow/templates"
)

var update = flag.Bool("update", false, "rewrite golden/*.txtar with what the commands write")

// TestGolden runs every case, and holds its result against the static rules of the specification.
func TestGolden(t *testing.T) {
	t.Parallel()
	for _, file := range cases(t) {
		t.Run(strings.TrimSuffix(file, ".txtar"), func(t *testing.T) {
			t.Parallel()
			want, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tree := run(t, string(want.Comment))
			checkRules(t, tree)
			got := archive(t, want.Comment, tree)
			if *update {
				if err := os.WriteFile(file, txtar.Format(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(byName(want), byName(got)); diff != "" {
				t.Errorf("go test ./golden -update accepts this (-want +got):\n%s", diff)
			}
		})
	}
}

// checkRules wants every rule that a repository shows to pass. S12 no file shows, and S11 none where no CI was asked for.
func checkRules(t *testing.T, tree fstest.MapFS) {
	t.Helper()
	_, circle := tree["circle.yml"]
	_, github := tree[".github/workflows/ci.yml"]
	for _, r := range spec.CheckRepo(tree) {
		if !strings.HasPrefix(r.ID, "S") || r.ID == "S12" || r.ID == "S11" && !circle && !github {
			continue
		}
		if r.Status != spec.Pass {
			t.Errorf("%s (%s): %s: %s %v", r.ID, r.Says, r.Status, r.Note, r.Findings)
		}
	}
}

// TestGenerationIsDeterministic makes every case twice.
func TestGenerationIsDeterministic(t *testing.T) {
	if *update {
		t.Skip("the cases are being rewritten")
	}
	t.Parallel()
	for _, file := range cases(t) {
		t.Run(strings.TrimSuffix(file, ".txtar"), func(t *testing.T) {
			t.Parallel()
			want, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(run(t, string(want.Comment)), run(t, string(want.Comment))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestEveryChoiceHasACase fails for a template, or a choice of one of its questions, that no case shows.
func TestEveryChoiceHasACase(t *testing.T) {
	if *update {
		t.Skip("the cases are being rewritten")
	}
	t.Parallel()
	all, err := generator.Load(templates.FS)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, file := range cases(t) {
		a, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		record := readRecord(t, a)
		shown[record.Template] = true
		for name, answer := range record.Answers {
			shown[fmt.Sprintf("--%s %v", name, answer)] = true
		}
	}
	for _, template := range all {
		if !shown[template.Name] {
			t.Errorf("no case for template %s", template.Name)
		}
		for _, q := range template.Questions {
			for _, value := range q.Values() {
				if choice := "--" + q.Name + " " + value; !shown[choice] {
					t.Errorf("no case for %s of template %s", choice, template.Name)
				}
			}
		}
	}
}

// TestTemplatesAreSound checks what loading takes on trust.
func TestTemplatesAreSound(t *testing.T) {
	t.Parallel()
	all, err := generator.Load(templates.FS)
	if err != nil {
		t.Fatal(err)
	}
	for _, template := range all {
		if err := template.Check(); err != nil {
			t.Error(err)
		}
	}
}

func cases(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	return files
}

// run runs command lines in an empty file system of its own and returns what they leave in the folder out.
func run(t *testing.T, commands string) fstest.MapFS {
	t.Helper()
	memory := generator.NewMemory()
	for line := range strings.Lines(commands) {
		var said bytes.Buffer
		env := cmd.Env{In: strings.NewReader(""), Out: &said, Err: &said, FS: memory, Templates: templates.FS}
		if code := cmd.Run(t.Context(), words(t, line)[1:], env); code != 0 {
			t.Fatalf("%sexit %d: %s", line, code, said.String())
		}
	}
	tree := fstest.MapFS{}
	err := afero.Walk(memory, "out", func(path string, info fs.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		data, err := afero.ReadFile(memory, path)
		tree[filepath.ToSlash(strings.TrimPrefix(path, "out"+string(filepath.Separator)))] = &fstest.MapFile{Data: data, Mode: info.Mode()}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// words splits a command line. A word in double quotes is written as in Go.
func words(t *testing.T, line string) (words []string) {
	t.Helper()
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		if quoted, err := strconv.QuotedPrefix(line); err == nil {
			word, err := strconv.Unquote(quoted)
			if err != nil {
				t.Fatal(err)
			}
			words, line = append(words, word), line[len(quoted):]
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		words, line = append(words, word), rest
	}
	return words
}

// archive is a tree as txtar, with " +x" for what can be executed. It refuses what txtar cannot hold.
func archive(t *testing.T, comment []byte, tree fstest.MapFS) *txtar.Archive {
	t.Helper()
	a := &txtar.Archive{Comment: comment}
	for path, f := range tree {
		if f.Mode&0o100 != 0 {
			path += " +x"
		}
		a.Files = append(a.Files, txtar.File{Name: path, Data: f.Data})
	}
	slices.SortFunc(a.Files, func(x, y txtar.File) int { return strings.Compare(x.Name, y.Name) })
	if diff := cmp.Diff(byName(a), byName(txtar.Parse(txtar.Format(a)))); diff != "" {
		t.Fatalf("txtar cannot hold this tree: no final newline, or a line like a marker?\n%s", diff)
	}
	return a
}

// byName makes differences readable: by file and line.
func byName(a *txtar.Archive) map[string][]string {
	files := map[string][]string{}
	for _, f := range a.Files {
		files[f.Name] = strings.SplitAfter(string(f.Data), "\n")
	}
	return files
}

type record struct {
	Template string         `yaml:"template"`
	Answers  map[string]any `yaml:"answers"`
}

func readRecord(t *testing.T, a *txtar.Archive) (r record) {
	t.Helper()
	for _, f := range a.Files {
		if f.Name == generator.RecordFile {
			if err := yaml.Load(f.Data, &r); err != nil {
				t.Fatal(err)
			}
			return r
		}
	}
	t.Fatalf("%s: no %s: run go test ./golden -update", a.Comment, generator.RecordFile)
	return r
}
