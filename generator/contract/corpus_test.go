package contract

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the reports in testdata/corpus with what the checks say")

// reportFile is the section of a case with its exact report. It is not a file of the repository.
const reportFile = "the report"

// corpus reads the repositories of testdata/corpus. Those whose names begin with a rule break that rule, the others none.
func corpus(tb testing.TB) map[string]*txtar.Archive {
	tb.Helper()
	files, err := filepath.Glob("testdata/corpus/*.txtar")
	if err != nil || len(files) == 0 {
		tb.Fatalf("no corpus: %v", err)
	}
	all := map[string]*txtar.Archive{}
	for _, file := range files {
		a, err := txtar.ParseFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".txtar")] = a
	}
	return all
}

// split parts a case into its repository and its report.
func split(a *txtar.Archive) (files fstest.MapFS, report string) {
	files = fstest.MapFS{}
	for _, f := range a.Files {
		if f.Name == reportFile {
			report = string(f.Data)
			continue
		}
		files[f.Name] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
	}
	return files, report
}

// written is the report on the static rules, as the cases hold it.
func written(results []Result) string {
	var b strings.Builder
	for _, r := range results {
		if r.repo == nil {
			continue
		}
		fmt.Fprintf(&b, "%s %s", r.ID, r.Status)
		if r.Note != "" {
			fmt.Fprintf(&b, ": %s", r.Note)
		}
		b.WriteString("\n")
		for _, f := range r.Findings {
			fmt.Fprintf(&b, "  %s:%d: %s\n", f.Path, f.Line, f.Text)
		}
	}
	return b.String()
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	for name, a := range corpus(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files, want := split(a)
			results := CheckRepo(t.Context(), files)
			got := written(results)
			if rule, _, ok := strings.Cut(name, "-"); ok && strings.HasPrefix(rule, "S") {
				if of(t, results, rule).Status != Fail {
					t.Errorf("%s is not broken:\n%s", rule, got)
				}
			} else if strings.Contains(got, " fail\n") {
				t.Errorf("a compliant repository has findings:\n%s", got)
			}
			if *update {
				rewrite(t, name, a, got)
			} else if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("go test ./generator/contract -update accepts this (-want +got):\n%s", diff)
			}
		})
	}
}

func rewrite(t *testing.T, name string, a *txtar.Archive, report string) {
	t.Helper()
	next := &txtar.Archive{Comment: a.Comment}
	for _, f := range a.Files {
		if f.Name != reportFile {
			next.Files = append(next.Files, f)
		}
	}
	next.Files = append(next.Files, txtar.File{Name: reportFile, Data: []byte(report)})
	file := filepath.Join("testdata", "corpus", name+".txtar")
	if data := txtar.Format(next); !bytes.Equal(data, txtar.Format(a)) {
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// No rule may be in the table without a repository that keeps it, and one that breaks it. None shows S12.
func TestCorpusHasBothKindsOfEveryRule(t *testing.T) {
	t.Parallel()
	kept, broken := map[string]int{}, map[string]int{}
	compliant := 0
	for name, a := range corpus(t) {
		files, _ := split(a)
		rule, _, _ := strings.Cut(name, "-")
		if !strings.HasPrefix(rule, "S") {
			compliant++
		}
		for _, r := range CheckRepo(t.Context(), files) {
			switch {
			case r.Status == Pass:
				kept[r.ID]++
			case r.Status == Fail && r.ID == rule:
				broken[r.ID]++
			}
		}
	}
	for _, r := range Rules {
		if r.repo != nil && (kept[r.ID] == 0 || broken[r.ID] == 0) {
			t.Errorf("%s is kept by %d repositories and broken by %d", r.ID, kept[r.ID], broken[r.ID])
		}
	}
	if compliant < 20 {
		t.Errorf("%d compliant repositories, want 20 at least", compliant)
	}
	t.Logf("%d compliant repositories; broken: %v", compliant, broken)
}

// BenchmarkCheckRepo checks the compliant repositories, one after the other, from a real disk.
func BenchmarkCheckRepo(b *testing.B) {
	dir := b.TempDir()
	var roots []fs.FS
	for name, a := range corpus(b) {
		files, _ := split(a)
		if strings.HasPrefix(name, "S") {
			continue
		}
		root := filepath.Join(dir, name)
		if err := os.CopyFS(root, files); err != nil {
			b.Fatal(err)
		}
		roots = append(roots, os.DirFS(root))
	}
	for n := 0; b.Loop(); n++ {
		CheckRepo(b.Context(), roots[n%len(roots)])
	}
}
