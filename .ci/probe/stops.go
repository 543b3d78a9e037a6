package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"dockerflow/generator/contract"
)

// stopsInFlight sends SIGTERM while a request is under way: one to /__heartbeat__, which waits for the backend.
func (p *probe) stopsInFlight(ctx context.Context, port int) error {
	where := fmt.Sprintf("on port %d with a request in flight", port)
	b := newBackend(0)
	defer b.close()
	s, err := p.start(port, "PORT="+strconv.Itoa(port), "BACKEND_URL="+b.server.URL)
	if err != nil {
		return err
	}
	defer s.Kill()
	if err := s.await(ctx, p.ready); err != nil {
		p.check("L1", where, err.Error())
		return nil
	}
	answered := make(chan []string, 1)
	go func() { answered <- s.heartbeatFails(ctx) }()
	select {
	case <-b.asked:
	case problems := <-answered:
		p.check("L10", where, append(problems, "/__heartbeat__ never asked the backend")...)
		return nil
	}
	if err := s.Terminate(); err != nil {
		p.check("L10", where, err.Error())
		return nil
	}
	var problems []string
	if !s.refuses(ctx, answered) {
		problems = []string{"it still takes connections"}
	}
	p.check("L10", where+": new connections are refused", problems...)
	p.check("L10", where+": the request is finished", <-answered...)
	p.check("L10", where+": it exits 0", s.stopped(p.grace)...)
	p.logs(s, where)
	return nil
}

// heartbeatFails requires the whole answer of a heartbeat whose check ran out of time.
func (s *service) heartbeatFails(ctx context.Context) []string {
	code, body, err := s.get(ctx, "/__heartbeat__")
	if err != nil {
		return []string{err.Error()}
	}
	problems := contract.CheckHeartbeat(code, body)
	if code < 500 {
		problems = append(problems, fmt.Sprintf("it answers %d", code))
	}
	return problems
}

// refuses waits until connections are refused, at most until the request in flight is answered.
func (s *service) refuses(ctx context.Context, answered chan []string) bool {
	for tick := time.NewTicker(5 * time.Millisecond); ; <-tick.C {
		if len(answered) > 0 {
			return false
		}
		if !s.accepts(ctx, "127.0.0.1") {
			return true
		}
	}
}
