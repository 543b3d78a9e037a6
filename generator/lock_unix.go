//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package generator

import (
	"errors"
	"syscall"

	"github.com/spf13/afero"
)

// TryLock locks a file until it is closed, or the end of the process, unless another one has it. Where a file system has no
// locks, all get it.
func TryLock(f afero.File) (bool, error) {
	file, ok := f.(interface{ Fd() uintptr })
	if !ok {
		return true, nil
	}
	err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	switch {
	case errors.Is(err, syscall.EWOULDBLOCK):
		return false, nil
	case errors.Is(err, syscall.ENOTSUP), errors.Is(err, syscall.ENOSYS), errors.Is(err, syscall.ENOLCK):
		return true, nil // a file system without locks
	}
	return err == nil, err
}

func unlock(f afero.File) {
	if file, ok := f.(interface{ Fd() uintptr }); ok {
		_ = syscall.Flock(int(file.Fd()), syscall.LOCK_UN)
	}
}
