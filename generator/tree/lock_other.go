//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package tree

import (
	"errors"

	"github.com/spf13/afero"
)

const HasLocks = false

// TryLock locks nothing on other systems.
func TryLock(afero.File) (bool, error) { return true, nil }

func Flock(afero.File) error { return errors.ErrUnsupported }

func Unlock(afero.File) {}
