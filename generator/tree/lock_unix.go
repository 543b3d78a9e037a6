//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package tree

import (
	"errors"
	"syscall"

	"github.com/spf13/afero"
)

const HasLocks = true

// TryLock locks a file until it is closed, or the end of the process, unless another one has it. Where a file system has no
// locks, all get it.
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

// flock locks a file, and fails where another one has the lock, or there are no locks.
func Flock(f afero.File) error {
	file, ok := f.(interface{ Fd() uintptr })
	if !ok {
		return errors.ErrUnsupported
	}
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

func Unlock(f afero.File) {
	if file, ok := f.(interface{ Fd() uintptr }); ok {
		_ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN)
	}
}
