package cmd

import (
	"context"
	"strings"
	"testing"
)

// An interrupted check prints no partial report and applies no partial fixes.
func TestInterruptedCheckReportsNothing(t *testing.T) {
	t.Parallel()
	const dockerfile = "FROM node:24-slim\nWORKDIR /app\nCOPY . ./\nUSER app\nCMD node server.js\n"
	for _, line := range []string{"check r", "check r --json", "check r --fix", "check r --fix --dry-run"} {
		s := newRig("")
		if err := writeFile(s.FS, "r/Dockerfile", dockerfile); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if code := Run(ctx, strings.Fields(line), s.Env); code != 130 || s.out.Len() > 0 {
			t.Errorf("%s: exit %d, want 130, and printed %q", line, code, s.out.String())
		}
		if got := s.files(t, "r"); len(got) != 1 || got["Dockerfile"] != dockerfile {
			t.Errorf("%s left %v", line, got)
		}
	}
}
