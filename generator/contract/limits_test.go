package contract

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
)

func TestRuleThatTakesTooMuchIsNotCheckable(t *testing.T) {
	t.Parallel()
	r := open(t.Context(), fstest.MapFS{}, Options{}, allSteps)
	endless := Rule{repo: func(r *repo) Verdict {
		for {
			r.budget.Steps(1)
		}
	}}
	if v := r.verdict(t.Context(), endless); v.Status != NotCheckable || v.Note != "judging it takes more than 2000000 steps" {
		t.Errorf("got %+v", v)
	}
	if v := r.verdict(t.Context(), Rule{repo: home}); v.Status != Fail {
		t.Errorf("the rule after it gets no budget of its own: %+v", v)
	}
}

func TestInterruptedCheckFindsNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	results := CheckRepo(ctx, tree(t, "node"))
	for _, r := range results {
		if r.repo != nil && (r.Status != NotCheckable || !strings.Contains(r.Note, "interrupted")) {
			t.Errorf("%s is %s: %s", r.ID, r.Status, r.Note)
		}
	}
	sound(t, results)
}

// A partly listed tree must not count as complete.
func TestExceededListingIsNotRemembered(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{}
	for _, name := range strings.Fields("a b c d e f") {
		files[name] = &fstest.MapFile{}
	}
	ctx, cancel := context.WithCancel(t.Context())
	r := &repo{files: files, left: allSteps}
	err := r.limited(ctx, func() {
		r.budget.Steps(1000) // so that the first steps of the listing look at the context
		cancel()
		r.tree()
	})
	if err == nil || r.listed != nil {
		t.Errorf("got %v, and %v is remembered", err, r.listed)
	}
	if all, whole := (&repo{files: files}).tree(); !whole || len(all) != 6 {
		t.Errorf("without a budget: %v", all)
	}
}
