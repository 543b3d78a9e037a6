//go:build darwin || freebsd || netbsd

package tree

import "syscall"

func changeTime(s *syscall.Stat_t) int64 { return int64(s.Ctimespec.Sec) } //nolint:unconvert // on some systems it has 32 bits
