// Dockerflow writes web services that follow Mozilla's Dockerflow specification.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"dockerflow/cmd"
)

func main() {
	debug.SetGCPercent(400)         // a run is over before most collections would pay
	debug.SetMemoryLimit(256 << 20) // but one that holds much collects what it can
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	code := cmd.Run(ctx, os.Args[1:], cmd.System())
	stop()
	os.Exit(code)
}
