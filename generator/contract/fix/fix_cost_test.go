package fix

import (
	"context"
	"testing"

	"dockerflow/generator/contract"
)

// What was fixed before the context ended may be half of what belongs together.
func TestInterruptedFixSaysSo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if m := Find(ctx, ready("FROM node:24-slim\nCMD node server.js\n"), contract.Options{}, ""); len(m.Fixes) > 0 || m.Unfinished != "the check was interrupted" {
		t.Errorf("got %+v", m)
	}
}
