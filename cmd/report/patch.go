package report

import (
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"dockerflow/cmd/output"
)

// printChanges prints the changes of the fixes as a unified diff for git apply or patch.
func (c *Check) printChanges(out, notes *output.Stream) {
	if len(c.Changes) == 0 {
		out.Line("No safe fixes found.")
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

// patch prints a patch. If it had to be quoted, a note says so.
func patch(out, notes *output.Stream, text string) {
	if quoted := out.Patch(text); quoted {
		notes.Note("the diff contains CI runner commands, so it is quoted and cannot be applied: write it to a file to get the exact diff")
	}
}
