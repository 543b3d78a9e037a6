package report

import (
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"dockerflow/cmd/output"
)

// printChanges prints what the mends change as a unified diff that git apply and patch take.
func (c *Check) printChanges(out, notes *output.Stream) {
	if len(c.Changes) == 0 {
		out.Line("Nothing can be mended for certain.")
	}
	var all strings.Builder
	for _, change := range c.Changes {
		before := "a/" + change.Path
		if change.Old == nil {
			before = "/dev/null"
		}
		all.Write(diff.Diff(before, change.Old, "b/"+change.Path, change.New))
	}
	patch(out, notes, all.String())
}

// patch prints a patch. A note says so where it had to be quoted.
func patch(out, notes *output.Stream, text string) {
	if quoted := out.Patch(text); quoted {
		notes.Note("the difference has lines that are commands to a CI runner, so it is quoted and cannot be applied: write it to a file to get it as it is")
	}
}
