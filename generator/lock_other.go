//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package generator

import "github.com/spf13/afero"

// tryLock locks nothing on other systems.
func tryLock(afero.File) (bool, error) { return true, nil }

func unlock(afero.File) {}

const ready = 0
