//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package tree

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// identity is what the operating system alone says of a file: its number, and the second when it was made, which later
// reading, locking and removing leave as it is. Neither a clone nor an archive can bring a file that has them. It is ""
// in a file system that has no such thing.
func Identity(info fs.FileInfo) string {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	return fmt.Sprintf("%d@%d", s.Ino, changeTime(s))
}

// isOwn reports whether a file belongs to the user who runs the program, and nobody else may write to it.
func IsOwn(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return !ok || int(s.Uid) == os.Geteuid() && info.Mode().Perm()&0o022 == 0
}
