//go:build unix

package image

import (
	"os/exec"
	"syscall"
)

// apart starts the command in a process group of its own.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
