//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package tree

import "io/fs"

// Identity returns "": other systems do not provide an identity.
func Identity(fs.FileInfo) string { return "" }

// IsOwn returns true: other systems do not provide the owner of a file.
func IsOwn(fs.FileInfo) bool { return true }
