package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"

	"dockerflow/.ci/process"
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
	*process.Process
	address string
	log     tail
}

// start runs the program with a port of its own and waits until it accepts connections.
func (p program) start(ctx context.Context, limit time.Duration, env ...string) (*service, error) {
	port, err := process.FreePort()
	if err != nil {
		return nil, err
	}
	s := &service{address: net.JoinHostPort("127.0.0.1", strconv.Itoa(port))}
	var out io.Writer = &s.log
	if p.quiet {
		out = nil
	}
	s.Process, err = process.Start(p.dir, p.command, out, &s.log, slices.Concat(p.env, env, []string{"PORT=" + strconv.Itoa(port)})...)
	if err != nil {
		return nil, err
	}
	if err := s.Await(ctx, port, limit); err != nil {
		err = fmt.Errorf("the service %w%s", err, s.log.words())
		s.Kill()
		return nil, err
	}
	return s, nil
}

// stop asks the process to end, and returns what was wrong with its end.
func (s *service) stop(grace time.Duration) []string {
	problems := s.Stop(grace)
	for i := range problems {
		problems[i] += s.log.words()
	}
	return problems
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

// words formats the end of the process's output for a message.
func (t *tail) words() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.last) == 0 {
		return ", with no output"
	}
	return fmt.Sprintf("; its last output is %q", t.last)
}
