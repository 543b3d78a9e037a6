// Dockerflow generates web services that follow Mozilla's Dockerflow specification, and checks and updates them.
package main

import (
	"os"
	"runtime/debug"

	"dockerflow/cmd"
)

func main() {
	debug.SetGCPercent(400)         // most runs end before a collection pays off
	debug.SetMemoryLimit(256 << 20) // but a large run must collect in time
	ctx, stop := cmd.Signals(os.Exit)
	code := cmd.Run(ctx, os.Args[1:], cmd.System())
	stop()
	os.Exit(code)
}
