// Package testdir says where tests keep their temporary files.
package treetest

import (
	"os"
	"syscall"
)

// least is how much room a file system in memory must have for the tests.
const least = 1 << 30

// InMemory leads os.TempDir, and so t.TempDir, to a file system in memory, for the TestMain of packages that make and
// remove thousands of small files: ext4 takes ever longer to find an inode that was not removed a moment ago. Where there
// is none that programs may run from and that has room, or TMPDIR is set, nothing changes.
func InMemory() {
	const shared, mayNotRun = "/dev/shm", 8 // ST_NOEXEC of statfs(2)
	var fs syscall.Statfs_t
	if os.Getenv("TMPDIR") != "" || syscall.Statfs(shared, &fs) != nil {
		return
	}
	if fs.Flags&mayNotRun == 0 && fs.Bavail*uint64(fs.Bsize) >= least {
		os.Setenv("TMPDIR", shared)
	}
}
