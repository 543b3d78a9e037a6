package treetest

import (
	"os"
	"syscall"
)

// least is the free space that a file system in memory needs for the tests.
const least = 1 << 30

// InMemory makes os.TempDir, and so t.TempDir, use a file system in memory. It is for the TestMain of packages that
// create and remove thousands of small files, because ext4 becomes slow at that. It changes nothing if TMPDIR is set,
// or if there is no such file system with enough space that can run programs.
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
