//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package tree

import (
	"errors"

	"github.com/spf13/afero"
)

// HasLocks reports whether the system supports file locks.
const HasLocks = false

// TryLock does nothing: locks are not supported on other systems.
func TryLock(afero.File) (bool, error) { return true, nil }

// Flock fails: locks are not supported on other systems.
func Flock(afero.File) error { return errors.ErrUnsupported }

// Unlock releases the lock of a file.
func Unlock(afero.File) {}
