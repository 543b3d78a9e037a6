package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
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

// program is a command that makes a service.
type program struct {
	dir     string
	command []string
	env     []string // more of it, for tests
	quiet   bool     // its log goes to /dev/null
}

// service is a running program.
type service struct {
	cmd     *exec.Cmd
	address string
	log     tail
	done    chan struct{} // closed when the process has ended and its output is complete
}

// contractVariables are those that a service reads. None gets through from this program's own environment.
var contractVariables = []string{"PORT", "STATSD_HOST", "STATSD_PORT", "LOG_LEVEL", "BACKEND_URL"}

// start runs the program with a port of its own and waits until it takes connections.
func (p program) start(ctx context.Context, limit time.Duration, env ...string) (*service, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &service{address: net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), done: make(chan struct{})}
	s.cmd = exec.Command(p.command[0], p.command[1:]...) //nolint:noctx // it is ended by a signal to its group
	s.cmd.Dir = p.dir
	s.cmd.Env = append(slices.DeleteFunc(os.Environ(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(contractVariables, name)
	}), slices.Concat(p.env, env, []string{"PORT=" + strconv.Itoa(port)})...)
	s.cmd.Stderr = &s.log
	if !p.quiet {
		s.cmd.Stdout = &s.log
	}
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.cmd.WaitDelay = time.Second // a process that is left over must not hold this one
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = s.cmd.Wait()
		close(s.done)
	}()
	if err := s.await(ctx, limit); err != nil {
		s.kill()
		return nil, err
	}
	return s, nil
}

func (s *service) await(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for tick := time.NewTicker(10 * time.Millisecond); ; {
		if conn, err := net.DialTimeout("tcp", s.address, time.Second); err == nil {
			return conn.Close()
		}
		select {
		case <-s.done:
			return fmt.Errorf("the service ended before it listened on $PORT (%s)%s", s.cmd.ProcessState, s.log.words())
		case <-ctx.Done():
			return errors.New("the service does not listen on $PORT" + s.log.words())
		case <-tick.C:
		}
	}
}

func (s *service) signal() error { return s.cmd.Process.Signal(syscall.SIGTERM) }

// stop asks the process to end, as docker stop does, and says what was wrong with its end.
func (s *service) stop(grace time.Duration) []string {
	if err := s.signal(); err != nil {
		return []string{"it had ended before its SIGTERM" + s.log.words()}
	}
	return s.stopped(grace)
}

// stopped waits for the end after a signal.
func (s *service) stopped(grace time.Duration) []string {
	select {
	case <-s.done:
	case <-time.After(grace):
		return []string{fmt.Sprintf("it still runs %v after SIGTERM%s", grace, s.log.words())}
	}
	if s.cmd.ProcessState.ExitCode() != 0 {
		return []string{fmt.Sprintf("it ended with %s, want exit status 0%s", s.cmd.ProcessState, s.log.words())}
	}
	return nil
}

// kill ends what is left of the process and its children, and waits for the output to be complete.
func (s *service) kill() {
	_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	<-s.done
}

// tail counts the lines that a process writes, and keeps the last of them.
type tail struct {
	mu    sync.Mutex
	lines int
	last  []byte
}

const kept = 500

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lines += bytes.Count(b, []byte("\n"))
	t.last = append(t.last, b[max(0, len(b)-kept):]...)
	t.last = t.last[max(0, len(t.last)-kept):]
	return len(b), nil
}

func (t *tail) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lines
}

// words are the end of what the process said, for a message.
func (t *tail) words() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.last) == 0 {
		return ", and says nothing"
	}
	return fmt.Sprintf(", and says %q", t.last)
}
