//go:build unix

package git

import (
	"os/exec"
	"syscall"
)

// alone gives git a session of its own: what it starts ends with it, and no program of those waits for an answer from the
// terminal. One that may ask there stays in ours.
func alone(c *exec.Cmd, terminal bool) {
	if terminal {
		c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
		return
	}
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGTERM) }
}

// endRest ends what is still running of a git that was ended.
func endRest(c *exec.Cmd, terminal bool) {
	if !terminal {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
	}
}
