package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// pace asks for a path at a constant rate. What it returns is how long each request took from when it was due, so that a
// service which holds up the next ones gains nothing by it.
func pace(ctx context.Context, address, path string, rate float64, connections int, d time.Duration) (took []time.Duration, problems []string) {
	var mu sync.Mutex
	var workers sync.WaitGroup
	var next atomic.Int64
	begin := time.Now()
	for range connections {
		workers.Go(func() {
			mine, err := pacer(ctx, address, path, func() (time.Time, bool) {
				after := time.Duration(float64(next.Add(1)-1) / rate * float64(time.Second))
				return begin.Add(after), after < d
			})
			mu.Lock()
			defer mu.Unlock()
			took = append(took, mine...)
			if err != nil {
				problems = append(problems, err.Error())
			}
		})
	}
	workers.Wait()
	return took, problems
}

// pacer is one connection of pace.
func pacer(ctx context.Context, address, path string, turn func() (time.Time, bool)) (took []time.Duration, err error) {
	c, err := dial(address)
	if err != nil {
		return nil, err
	}
	defer func() { c.Close() }()
	for {
		due, ok := turn()
		if !ok || !wait(ctx, time.Until(due)) {
			return took, ctx.Err()
		}
		if err := c.ask(path); err != nil {
			return took, err
		}
		last, err := c.answer()
		if err != nil {
			return took, err
		}
		took = append(took, time.Since(due))
		if last {
			c.Close()
			if c, err = dial(address); err != nil {
				return took, err
			}
		}
	}
}

// percentile is the time that this part of the requests did not exceed.
func percentile(took []time.Duration, part float64) time.Duration {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[min(int(float64(len(sorted))*part), len(sorted)-1)]
}

const heartbeatRate = 50 // a second, so that the slowest hundredth of ten seconds is several

// heartbeats measures the full load, and then both heartbeats under half of it. On a busy machine half of what was full a
// moment ago may be too much: a service that is slow by itself fails the next two attempts as well.
func (l *load) heartbeats(ctx context.Context, s *service) error {
	const attempts = 3
	for n := 1; ; n++ {
		full, err := l.wrk(ctx, s.address, "/", max(l.half/5, time.Second))
		if err != nil {
			return err
		}
		what, problems := l.heartbeatsAt(ctx, s, full.perSecond/2)
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(problems) == 0 || n == attempts {
			l.check(fmt.Sprintf("%s, at attempt %d", what, n), problems...)
			return nil
		}
	}
}

// heartbeatsAt asks a server of its own as often at the same time: if that is slow, the machine is too busy to decide.
func (l *load) heartbeatsAt(ctx context.Context, s *service, rate float64) (what string, problems []string) {
	var load, beats sync.WaitGroup
	var done int
	load.Go(func() {
		took, _ := pace(ctx, s.address, "/", rate, l.connections, l.half)
		done = len(took)
	})
	control := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer control.Close()
	var mu sync.Mutex
	all := map[string]time.Duration{}
	for path, address := range map[string]string{
		"/__lbheartbeat__": s.address, "/__heartbeat__": s.address, "/control": control.Listener.Addr().String(),
	} {
		beats.Go(func() {
			took, failed := pace(ctx, address, path, heartbeatRate, 4, l.half)
			mu.Lock()
			defer mu.Unlock()
			problems = append(problems, failed...)
			if len(took) == 0 {
				problems = append(problems, "no answer of "+path)
				return
			}
			all[path] = percentile(took, 0.99)
		})
	}
	beats.Wait()
	load.Wait()
	lb, full, machine := all["/__lbheartbeat__"], all["/__heartbeat__"], all["/control"]
	if max(lb, full) > l.prompt+machine {
		problems = append(problems, fmt.Sprintf("/__lbheartbeat__ took %v, /__heartbeat__ %v", lb, full))
	}
	if want := rate * l.half.Seconds(); float64(done) < 0.9*want {
		problems = append(problems, fmt.Sprintf("only %d of the %.0f requests of half the load were answered", done, want))
	}
	return fmt.Sprintf("heartbeats within %v at the 99th percentile, at %.0f requests/s, half of full load (/__lbheartbeat__ %v, /__heartbeat__ %v, the machine by itself %v)",
		l.prompt, rate, lb.Round(10*time.Microsecond), full.Round(10*time.Microsecond), machine.Round(10*time.Microsecond)), problems
}
