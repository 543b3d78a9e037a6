// Dockerflow writes web services that follow Mozilla's Dockerflow specification.
package main

import (
	"os"
	"runtime/debug"

	"dockerflow/cmd"
)

func main() {
	debug.SetGCPercent(400)         // a run is over before most collections would pay
	debug.SetMemoryLimit(256 << 20) // but one that holds much collects what it can
	ctx, stop := cmd.Signals(os.Exit)
	code := cmd.Run(ctx, os.Args[1:], cmd.System())
	stop()
	os.Exit(code)
}
