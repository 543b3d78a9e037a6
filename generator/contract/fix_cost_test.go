package contract

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
)

// Each edit is checked by itself, and held against each source of each COPY.
//
//nolint:paralleltest // other tests' memory would count
func TestCostOfMends(t *testing.T) {
	sources := strings.Repeat("COPY "+strings.Repeat("a ", 24_000)+"/app/\n", 4)
	files := fstest.MapFS{docker: {Data: []byte("FROM node:24\nWORKDIR /app\n" + sources + "CMD node a.js\n")}}
	failed := CheckRepo(t.Context(), files)
	for i := range failed {
		failed[i].Verdict = Verdict{Status: Fail}
	}
	var m Mended
	bounded(t, func() { m = FixKnown(t.Context(), files, Options{}, "", failed) })
	if m.Unfinished != "looking for all that can be mended takes more than 4000000 steps" {
		t.Errorf("%d mends, unfinished: %q", len(m.Mends), m.Unfinished)
	}
}

// What was mended before the context ended may be half of what belongs together.
func TestInterruptedFixSaysSo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if m := Fix(ctx, ready("FROM node:24-slim\nCMD node server.js\n"), Options{}, ""); len(m.Mends) > 0 || m.Unfinished != "the check was interrupted" {
		t.Errorf("got %+v", m)
	}
}
