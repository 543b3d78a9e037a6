package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// A request counts as accepted if any of these is so:
//
//   - its last byte was sent before SIGTERM was, on a connection that had answered before: by then the system had
//     taken it for the service, whether or not the service had read it;
//   - it was sent later, and the service had read it: see [client.wasRead];
//   - a byte of its answer came.
//
// Each of those must have its whole answer. What is sent later may find the connection closed before any byte (RFC 9112,
// 9.5, lets a server close an idle connection at any time, and tells clients to ask again) or refused: that is the
// service no longer accepting.
type tally struct {
	answered atomic.Int64
	late     atomic.Int64 // sent after SIGTERM, and not accepted
	mu       sync.Mutex
	lost     []string
}

func (t *tally) lose(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lost = append(t.lost, fmt.Sprintf(format, args...))
}

// stopsAtFullLoad sends SIGTERM while every connection is busy.
func (l *load) stopsAtFullLoad(ctx context.Context, path string) error {
	s, err := l.start(ctx)
	if err != nil {
		return err
	}
	defer s.Kill()
	var t tally
	var clients sync.WaitGroup
	var signalled atomic.Pointer[time.Time]
	for range l.connections {
		clients.Go(func() { l.pound(ctx, s, path, &t, &signalled) })
	}
	busy := int64(20 * l.connections) // by when connections are as busy as they get
	for t.answered.Load() < busy && t.clean() && wait(ctx, 10*time.Millisecond) {
		continue
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	now := time.Now()
	signalled.Store(&now)
	before := t.answered.Load()
	problems := s.stop(l.grace)
	if len(problems) > 0 {
		s.Kill()
	}
	clients.Wait()
	if n := len(t.lost); n > 0 {
		problems = append(problems, fmt.Sprintf("%d accepted requests are lost, such as: %s", n, t.lost[0]))
	}
	if lines, n := s.log.count(), int(t.answered.Load()); lines < n {
		problems = append(problems, fmt.Sprintf("%d lines of log for %d answers", lines, n))
	}
	l.check(fmt.Sprintf("SIGTERM at full load on %s: exit 0 and no accepted request lost (%d answers before, %d after, %d no longer accepted)",
		path, before, t.answered.Load()-before, t.late.Load()), problems...)
	return nil
}

func (t *tally) clean() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.lost) == 0
}

// pound asks again as soon as there is an answer, and reconnects after the last of a connection, until it is refused.
func (l *load) pound(ctx context.Context, s *service, path string, t *tally, signalled *atomic.Pointer[time.Time]) {
	for ctx.Err() == nil {
		c, err := dial(s.address)
		if err != nil {
			if signalled.Load() == nil {
				t.lose("connect: %v", err)
			}
			return
		}
		goOn := c.pound(path, t, signalled)
		c.Close()
		if !goOn {
			return
		}
	}
}

// pound uses a connection up. It reports whether the service still seemed to be there.
func (c *client) pound(path string, t *tally, signalled *atomic.Pointer[time.Time]) (goOn bool) {
	for asked := 0; ; asked++ {
		err := c.ask(path)
		sent := time.Now()
		var last bool
		if err == nil {
			last, err = c.answer()
		} else {
			err = silence{err}
		}
		var nothing silence
		at := signalled.Load()
		switch {
		case err == nil:
			t.answered.Add(1)
			if last {
				return true
			}
		case at == nil:
			t.lose("before SIGTERM, request %d of its connection: %v", asked+1, err)
			return false
		case !errors.As(err, &nothing):
			t.lose("during the answer: %v", err)
			return false
		case sent.Before(*at) && asked > 0:
			t.lose("sent %v before SIGTERM: %v", at.Sub(sent).Round(time.Microsecond), err)
			return false
		case c.wasRead(err):
			t.lose("sent after SIGTERM and read by the service: %v", err)
			return false
		default:
			t.late.Add(1)
			return false
		}
	}
}
