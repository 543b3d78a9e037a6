//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package tree

import (
	"errors"
	"syscall"

	"github.com/spf13/afero"
)

// HasLocks reports whether the system supports file locks.
const HasLocks = true

// TryLock locks a file until it is closed or the process ends. It reports whether it succeeded: it does not if another
// process holds the lock. On a file system without locks it always succeeds.
func TryLock(f afero.File) (bool, error) {
	err := Flock(f)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return false, nil
	case errors.Is(err, errors.ErrUnsupported), errors.Is(err, syscall.ENOLCK):
		return true, nil // a file system without locks
	}
	return err == nil, err
}

// Flock locks a file. It fails if another process holds the lock, or if the file system has no locks.
func Flock(f afero.File) error {
	file, ok := f.(interface{ Fd() uintptr })
	if !ok {
		return errors.ErrUnsupported
	}
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// Unlock releases the lock of a file.
func Unlock(f afero.File) {
	if file, ok := f.(interface{ Fd() uintptr }); ok {
		_ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN)
	}
}
