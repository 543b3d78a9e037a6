//go:build unix

package git

import (
	"os/exec"
	"syscall"
)

// alone runs git in a new session, so that its child processes can be ended with it and cannot wait for input from the
// terminal. If they may ask on the terminal, git stays in our session.
func alone(c *exec.Cmd, terminal bool) {
	if terminal {
		c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
		return
	}
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGTERM) }
}

// endRest ends the child processes that are left after git was ended.
func endRest(c *exec.Cmd, terminal bool) {
	if !terminal {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
	}
}
