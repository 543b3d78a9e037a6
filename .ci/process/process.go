// Package process runs a command as a service, for the programs here that hold one against something.
package process

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// contractVariables are those that a service reads. None gets through from the caller's own environment.
var contractVariables = []string{"PORT", "STATSD_HOST", "STATSD_PORT", "LOG_LEVEL", "BACKEND_URL"}

// Process is a service that was started.
type Process struct {
	*exec.Cmd
	done chan struct{} // closed when the process has ended and its output is complete
}

// Start runs a command in a folder with these variables, and nothing else of the contract.
func Start(dir string, command []string, out, errs io.Writer, env ...string) (*Process, error) {
	p := &Process{exec.Command(command[0], command[1:]...), make(chan struct{})} //nolint:noctx // it is ended by a signal to its group
	p.Dir, p.Stdout, p.Stderr = dir, out, errs
	p.Env = append(slices.DeleteFunc(os.Environ(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(contractVariables, name)
	}), env...)
	p.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.WaitDelay = time.Second // a process that is left over must not hold this one
	if err := p.Cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.Wait()
		close(p.done)
	}()
	return p, nil
}

// Await waits until the process accepts connections on a port of this machine. Its error has no subject.
func (p *Process) Await(ctx context.Context, port int, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		if Accepts(ctx, "127.0.0.1", port) {
			return nil
		}
		select {
		case <-p.done:
			return fmt.Errorf("ended before it listened on $PORT (%s)", p.ProcessState)
		case <-ctx.Done():
			return errors.New("does not listen on $PORT")
		case <-tick.C:
		}
	}
}

// Accepts reports whether the port accepts connections.
func Accepts(ctx context.Context, host string, port int) bool {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// Ends waits for the process to end, and reports whether it did in time.
func (p *Process) Ends(limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
	}
	select {
	case <-p.done: // also where both came to be at once
		return true
	default:
		return false
	}
}

// PID is the number of the process, and of its group.
func (p *Process) PID() int { return p.Process.Pid }

// Terminate asks the process to end, as docker stop does.
func (p *Process) Terminate() error { return p.Process.Signal(syscall.SIGTERM) }

// Kill ends what is left of the process and its children, and waits for the output to be complete.
func (p *Process) Kill() {
	_ = syscall.Kill(-p.PID(), syscall.SIGKILL)
	<-p.done
}

// Stop asks the process to end, as docker stop does, and returns what was wrong with its end.
func (p *Process) Stop(grace time.Duration) []string {
	if err := p.Terminate(); err != nil {
		return []string{"it had ended before its SIGTERM"}
	}
	return p.Stopped(grace)
}

// Stopped waits for the end after a signal.
func (p *Process) Stopped(grace time.Duration) []string {
	switch {
	case !p.Ends(grace):
		return []string{fmt.Sprintf("it still runs %v after SIGTERM", grace)}
	case p.ProcessState.ExitCode() != 0:
		return []string{fmt.Sprintf("it ended with %s, want exit status 0", p.ProcessState)}
	}
	return nil
}

// claims keep the ports that this process was given from all others that ask for one, until it ends.
var claims struct {
	sync.Mutex
	held []net.Listener
}

// FreePort finds a port on which nothing listens, below those that systems give to outgoing connections. No other process
// gets it from here as long as this one runs, though it may be free again meanwhile: its claim is a socket whose name
// is in no file system.
func FreePort() (int, error) {
	for range 100 {
		port := 20000 + rand.IntN(10000)
		claim, err := net.Listen("unix", fmt.Sprintf("@dockerflow-port-%d", port)) //nolint:noctx // it does not wait
		if err != nil {
			continue
		}
		l, err := net.Listen("tcp", ":"+strconv.Itoa(port)) //nolint:noctx // it does not wait
		if err != nil {
			claim.Close()
			continue
		}
		claims.Lock()
		claims.held = append(claims.held, claim)
		claims.Unlock()
		return port, l.Close()
	}
	return 0, errors.New("no free port")
}
