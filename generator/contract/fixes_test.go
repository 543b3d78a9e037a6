package contract_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"dockerflow/generator/contract"
	"dockerflow/generator/contract/fix"
)

// Whatever edit breaks a tree: what Fix makes of it has no finding that was not there, and Fix finds no more in it.
func TestFixHarmsNothing(t *testing.T) {
	t.Parallel()
	fixed := 0
	for _, e := range contract.Edits {
		files := e.Apply(t)
		m := fix.Find(t.Context(), files, contract.Options{}, "")
		fixed += len(m.Fixes)
		before, after := contract.NewBaseline(contract.CheckRepo(t.Context(), files)), contract.NewBaseline(contract.CheckRepo(t.Context(), m.Over(files)))
		for _, k := range after {
			if !slices.ContainsFunc(before, func(b contract.Known) bool { return b.Rule == k.Rule && b.Path == k.Path && b.Text == k.Text }) {
				t.Errorf("%s %s: Fix made %v", e.Rule(), e, k)
			}
		}
		if (len(m.Fixes) > 0) != (len(m.Files) > 0) || len(m.Fixes) > 0 && len(after) >= len(before) && e.Rule() != "S5" {
			t.Errorf("%s %s: %v helped nothing", e.Rule(), e, m.Fixes)
		}
		if again := fix.Find(t.Context(), m.Over(files), contract.Options{}, ""); len(again.Fixes) > 0 {
			t.Errorf("%s %s: a second time fixes %v", e.Rule(), e, again.Fixes)
		}
	}
	if fixed < 5 {
		t.Errorf("only %d edits were fixed", fixed)
	}
	for _, name := range []string{"go", "node", "python"} {
		if m := fix.Find(t.Context(), contract.Tree(t, name), contract.Options{}, ""); len(m.Fixes) > 0 {
			t.Errorf("%s is right, and Fix fixes %v", name, m.Fixes)
		}
	}
}

// Each edit is checked by itself, and matched against each source of each COPY.
//
//nolint:paralleltest // other tests' memory would count
func TestCostOfMends(t *testing.T) {
	sources := strings.Repeat("COPY "+strings.Repeat("a ", 24_000)+"/app/\n", 4)
	files := fstest.MapFS{"Dockerfile": {Data: []byte("FROM node:24\nWORKDIR /app\n" + sources + "CMD node a.js\n")}}
	failed := contract.CheckRepo(t.Context(), files)
	for i := range failed {
		failed[i].Verdict = contract.Verdict{Status: contract.Fail}
	}
	var m fix.Set
	contract.Bounded(t, func() { m = fix.FindKnown(t.Context(), files, contract.Options{}, "", failed) })
	if m.Unfinished != "searching for fixes takes more than 4000000 steps" {
		t.Errorf("%d fixes, unfinished: %q", len(m.Fixes), m.Unfinished)
	}
}
