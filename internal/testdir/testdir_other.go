//go:build !linux

package testdir

// InMemory does nothing: only Linux has a place in memory that is known.
func InMemory() {}
