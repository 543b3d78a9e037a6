//go:build !linux

package treetest

// InMemory does nothing: only Linux has a known file system in memory.
func InMemory() {}
