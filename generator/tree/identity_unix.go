//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package tree

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// Identity returns what only the operating system can set on a file: its inode number, and the second of its last change
// (ctime), which for a new file is that of its creation. Reading and locking the file do not change
// them. Neither a clone nor an archive can reproduce the values. The result is "" on a file system without them.
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
