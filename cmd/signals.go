package cmd

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"dockerflow/generator/failure"
)

// Signals returns a context that the first SIGINT, SIGTERM or SIGHUP cancels. A second signal calls exit at once, because
// not every operation watches its context. Repeated SIGHUPs do not call exit: a closing terminal may send several.
func Signals(exit func(code int)) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 3)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	go obey(signals, cancel, exit)
	return ctx, func() {
		signal.Stop(signals)
		cancel()
	}
}

func obey(signals <-chan os.Signal, cancel func(), exit func(code int)) {
	<-signals
	cancel()
	for s := range signals {
		if s != syscall.SIGHUP {
			exit(failure.Interrupted)
		}
	}
}
