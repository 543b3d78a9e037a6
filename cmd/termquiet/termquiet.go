// Package termquiet prevents a terminal query during start-up.
//
// The init function of bubbletea queries the background colour, in every command, and waits up to five seconds if the
// terminal does not answer. It does not query if TERM is dumb, so this package sets that until Restore is called.
//
// Go initialises a package once its imports are initialised, and sorts packages that are ready by import path. This package
// imports only os, so it is initialised long before bubbletea under any module path.
package termquiet

import "os"

var term, set = os.LookupEnv("TERM")

func init() { _ = os.Setenv("TERM", "dumb") }

// Restore restores TERM. Nothing may use the terminal before it is called.
func Restore() {
	if set {
		_ = os.Setenv("TERM", term)
	} else {
		_ = os.Unsetenv("TERM")
	}
}
