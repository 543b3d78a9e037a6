package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"dockerflow/generator/spec"
)

// contractVariables are those that a service reads. None gets through from the probe's own environment.
var contractVariables = []string{"PORT", "STATSD_HOST", "STATSD_PORT", "LOG_LEVEL", "BACKEND_URL"}

// service is a process under the probe, with what it wrote and what was asked of it.
type service struct {
	cmd         *exec.Cmd
	port        int
	out, errs   output
	done        chan struct{} // closed when the process has ended and its output is complete
	client      *http.Client
	requests    *recorder
	interrupted bool // its output ends in the midst of things: the probe had to kill it
}

// start runs the command with these variables, and nothing else of the contract.
func (p *probe) start(port int, env ...string) (*service, error) {
	s := &service{port: port, done: make(chan struct{}), requests: &recorder{}}
	s.client = spec.NewClient(p.limit)
	s.requests.next = s.client.Transport
	s.client.Transport = s.requests
	s.cmd = exec.Command(p.command[0], p.command[1:]...) //nolint:noctx // it is ended by a signal to its group
	s.cmd.Dir = p.dir
	s.cmd.Env = append(slices.DeleteFunc(os.Environ(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(contractVariables, name)
	}), slices.Concat(p.env, env)...)
	s.cmd.Stdout, s.cmd.Stderr = &s.out, &s.errs
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.cmd.WaitDelay = time.Second // a process that is left over must not hold the probe
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = s.cmd.Wait()
		close(s.done)
	}()
	return s, nil
}

// await waits until the service takes connections.
func (s *service) await(ctx context.Context, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for tick := time.NewTicker(10 * time.Millisecond); ; {
		if s.accepts(ctx, "127.0.0.1") {
			return nil
		}
		select {
		case <-s.done:
			return fmt.Errorf("it ended before it listened on $PORT (%s)%s", s.cmd.ProcessState, s.tail())
		case <-ctx.Done():
			return errors.New("it does not listen on $PORT" + s.tail())
		case <-tick.C:
		}
	}
}

// accepts tells whether the service takes connections.
func (s *service) accepts(ctx context.Context, host string) bool {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(s.port)))
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

func (s *service) url(host string) string {
	return "http://" + net.JoinHostPort(host, strconv.Itoa(s.port))
}

// end waits for the process to end by itself.
func (s *service) end(limit time.Duration) bool {
	select {
	case <-s.done:
		return true
	case <-time.After(limit):
		return false
	}
}

// stop asks the process to end, as docker stop does, and says what was wrong with its end.
func (s *service) stop(grace time.Duration) []string {
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return []string{"it had ended before its SIGTERM" + s.tail()}
	}
	return s.stopped(grace)
}

// stopped waits for the end after a signal.
func (s *service) stopped(grace time.Duration) []string {
	switch {
	case !s.end(grace):
		s.interrupted = true
		return []string{fmt.Sprintf("it still runs %v after SIGTERM%s", grace, s.tail())}
	case s.cmd.ProcessState.ExitCode() != 0:
		return []string{fmt.Sprintf("it ended with %s, want exit status 0", s.cmd.ProcessState)}
	}
	return nil
}

// kill ends what is left of the process and its children, and waits for the output to be complete.
func (s *service) kill() {
	_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	<-s.done
}

// tail is the end of what the service said, for a message.
func (s *service) tail() string {
	text := strings.TrimSpace(s.out.String() + s.errs.String())
	if text == "" {
		return ", and says nothing"
	}
	return fmt.Sprintf(", and says %q", text[max(0, len(text)-300):])
}

// output collects what a process writes, up to a bound.
type output struct {
	mu   sync.Mutex
	data bytes.Buffer
}

const maxOutput = 16 << 20

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.data.Len() < maxOutput {
		o.data.Write(b)
	}
	return len(b), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.data.String()
}
