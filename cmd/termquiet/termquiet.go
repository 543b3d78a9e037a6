// Package termquiet keeps start-up from asking the terminal a question.
//
// The init of bubbletea asks for the background colour and waits up to five seconds on a terminal that does not answer,
// in every command. It does not ask a terminal whose TERM is dumb, so this package sets that until Restore is called.
//
// Go initialises a package as soon as its imports are ready, and in the order of import paths among those. This one
// imports nothing but os, so it is ready long before bubbletea, under any module path.
package termquiet

import "os"

var term, set = os.LookupEnv("TERM")

func init() { _ = os.Setenv("TERM", "dumb") }

// Restore gives TERM its value back. Nothing may look at the terminal before.
func Restore() {
	if set {
		_ = os.Setenv("TERM", term)
	} else {
		_ = os.Unsetenv("TERM")
	}
}
