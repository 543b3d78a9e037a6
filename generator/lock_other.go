//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package generator

import "github.com/spf13/afero"

// TryLock locks nothing on other systems.
func TryLock(afero.File) (bool, error) { return true, nil }

func unlock(afero.File) {}
