//go:build !unix

package git

import "os/exec"

func alone(*exec.Cmd, bool) {}

func endRest(*exec.Cmd, bool) {}
