//go:build unix

package cmd

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

func TestSecondSignalEndsWhatIsStuck(t *testing.T) {
	t.Parallel()
	for _, second := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		c := exec.CommandContext(t.Context(), lookPath(t, "dockerflow-stuck"), "templates")
		said, err := c.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := bufio.NewReader(said).ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		// Two signals of one kind may arrive as one.
		first := map[os.Signal]os.Signal{syscall.SIGINT: syscall.SIGTERM, syscall.SIGTERM: syscall.SIGINT}[second]
		if err := errors.Join(c.Process.Signal(first), c.Process.Signal(second)); err != nil {
			t.Fatal(err)
		}
		late := time.AfterFunc(deadline, func() { _ = c.Process.Kill() })
		_ = c.Wait()
		late.Stop()
		if code := c.ProcessState.ExitCode(); code != 130 {
			t.Errorf("%v after %v: %v, want exit status 130", second, first, c.ProcessState)
		}
	}
}

// A closing terminal sends SIGHUP, and so does its shell: the second must not cut short the orderly end.
func TestSecondHangupIsNoOrder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		signals []os.Signal
		exits   int
	}{
		"one":             {[]os.Signal{syscall.SIGTERM}, 0},
		"two hangups":     {[]os.Signal{syscall.SIGHUP, syscall.SIGHUP}, 0},
		"then a real one": {[]os.Signal{syscall.SIGHUP, syscall.SIGHUP, syscall.SIGINT}, 1},
	} {
		signals := make(chan os.Signal, len(c.signals))
		for _, s := range c.signals {
			signals <- s
		}
		close(signals)
		cancelled, exits := 0, 0
		obey(signals, func() { cancelled++ }, func(int) { exits++ })
		if cancelled != 1 || exits != c.exits {
			t.Errorf("%s: cancelled %d times, and exited %d times, want 1 and %d", name, cancelled, exits, c.exits)
		}
	}
}
