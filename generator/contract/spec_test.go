package contract

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

// tree reads a repository from testdata.
func tree(t *testing.T, name string) fstest.MapFS {
	t.Helper()
	a, err := txtar.ParseFile("testdata/" + name + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for _, f := range a.Files {
		files[f.Name] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
	}
	return files
}

// of returns the result for one rule.
func of(t *testing.T, results []Result, id string) Result {
	t.Helper()
	i := slices.IndexFunc(results, func(r Result) bool { return r.ID == id })
	if i < 0 {
		t.Fatalf("no result for %s", id)
	}
	return results[i]
}

func TestRulesAreComplete(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, r := range Rules {
		if seen[r.ID] || r.Says == "" || r.Source == "" || r.Needs == "" || r.Fix == "" {
			t.Errorf("%s is incomplete or there twice", r.ID)
		}
		if r.Level != Must && r.Level != Should {
			t.Errorf("%s has the level %q", r.ID, r.Level)
		}
		seen[r.ID] = true
	}
	if len(seen) != 25 {
		t.Errorf("%d rules, want S1 to S13 and L1 to L12", len(seen))
	}
}

func TestCompliantRepositories(t *testing.T) {
	t.Parallel()
	// The rules that each cannot decide. All others must pass.
	for name, unseen := range map[string][]string{"node": {"S12"}, "python": {"S12"}, "go": {"S11", "S12"}} {
		for _, r := range CheckRepo(t.Context(), tree(t, name)) {
			want := Pass
			if r.ID[0] == 'L' || slices.Contains(unseen, r.ID) {
				want = NotCheckable
			}
			if r.Status != want {
				t.Errorf("%s: %s is %s, want %s: %v %s", name, r.ID, r.Status, want, r.Findings, r.Note)
			}
			if r.Status == NotCheckable && r.Note == "" {
				t.Errorf("%s: %s does not say why it is not checkable", name, r.ID)
			}
		}
	}
}

func TestEmptyRepository(t *testing.T) {
	t.Parallel()
	for _, r := range CheckRepo(t.Context(), fstest.MapFS{}) {
		want := NotCheckable
		if r.ID == "S1" {
			want = Fail
		}
		if r.Status != want {
			t.Errorf("%s is %s, want %s", r.ID, r.Status, want)
		}
	}
}
