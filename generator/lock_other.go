//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package generator

import (
	"errors"

	"github.com/spf13/afero"
)

const hasLocks = false

// TryLock locks nothing on other systems.
func TryLock(afero.File) (bool, error) { return true, nil }

func flock(afero.File) error { return errors.ErrUnsupported }

func unlock(afero.File) {}
