//go:build !unix

package source

import "os/exec"

func alone(*exec.Cmd, bool) {}

func endRest(*exec.Cmd, bool) {}
