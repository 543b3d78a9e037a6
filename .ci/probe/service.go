package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"dockerflow/.ci/process"
	"dockerflow/generator/contract"
)

// service is a process under the probe, with what it wrote and what was asked of it.
type service struct {
	*process.Process
	port        int
	out, errs   output
	client      *http.Client
	requests    *recorder
	interrupted bool // its output ends in the midst of things: the probe had to kill it
}

// start runs the command with these variables, and nothing else of the contract.
func (p *probe) start(port int, env ...string) (*service, error) {
	s := &service{port: port, requests: &recorder{}}
	s.client = contract.NewClient(p.limit)
	s.requests.next = s.client.Transport
	s.client.Transport = s.requests
	var err error
	s.Process, err = process.Start(p.dir, p.command, &s.out, &s.errs, slices.Concat(p.env, env)...)
	return s, err
}

// await waits until the service accepts connections.
func (s *service) await(ctx context.Context, limit time.Duration) error {
	if err := s.Await(ctx, s.port, limit); err != nil {
		return fmt.Errorf("it %w%s", err, s.tail())
	}
	return nil
}

// accepts reports whether the service accepts connections.
func (s *service) accepts(ctx context.Context, host string) bool {
	return process.Accepts(ctx, host, s.port)
}

func (s *service) url(host string) string {
	return "http://" + net.JoinHostPort(host, strconv.Itoa(s.port))
}

// stop asks the process to end, and returns what was wrong with its end.
func (s *service) stop(grace time.Duration) []string { return s.explained(s.Stop(grace)) }

// stopped waits for the end after a signal.
func (s *service) stopped(grace time.Duration) []string { return s.explained(s.Stopped(grace)) }

// explained adds the service's output to an error about its end.
func (s *service) explained(problems []string) []string {
	s.interrupted = !s.Ends(0)
	for i := range problems {
		problems[i] += s.tail()
	}
	return problems
}

// tail formats the end of the service's output for a message.
func (s *service) tail() string {
	text := strings.TrimSpace(s.out.String() + s.errs.String())
	if text == "" {
		return ", with no output"
	}
	return fmt.Sprintf("; its last output is %q", text[max(0, len(text)-300):])
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
