package contract

import (
	"slices"
	"testing"
	"testing/fstest"
)

// What the tests of package fix take from those of this package.
var (
	Edits   = slices.Concat(edits, ciEdits)
	Tree    = tree
	Bounded = bounded
)

// Apply makes the edit in a fresh tree.
func (e edit) Apply(t *testing.T) fstest.MapFS {
	t.Helper()
	return e.apply(t)
}

// Rule is the rule that the edit breaks.
func (e edit) Rule() string { return e.rule }

// String names the edit.
func (e edit) String() string { return e.tree + " " + e.path + " " + e.new }
