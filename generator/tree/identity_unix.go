//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package tree

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// Identity returns what only the operating system can set on a file: its inode number and the second of its creation.
// Reading, locking and removing the file do not change them, and neither a clone nor an archive can reproduce them.
// The result is "" on a file system that does not provide them.
func Identity(info fs.FileInfo) string {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d@%d", s.Ino, changeTime(s))
}

// IsOwn reports whether the current user owns the file and nobody else can write to it.
func IsOwn(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return !ok || int(s.Uid) == os.Geteuid() && info.Mode().Perm()&0o022 == 0
}
