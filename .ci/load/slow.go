package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"time"
)

const (
	slowHeads  = 400
	slowBodies = 100
	drip       = 500 * time.Millisecond
	// slowMemory is for 500 connections, what a request's buffers take, and as much again.
	slowMemory = 32 * mib
)

// slowClients sends many requests a byte at a time. The service must cut them off and go on to answer others.
func (l *load) slowClients(ctx context.Context, s *service) error {
	before := resident(s.PID())
	seen := s.watch()
	others := s.others(ctx)
	var mu sync.Mutex
	var stayed []string
	var slowest time.Duration
	var clients sync.WaitGroup
	for i := range slowHeads + slowBodies {
		start := "GET / HTTP/1.1\r\nHost: service\r\nX-Slow: "
		if i >= slowHeads {
			start = "POST / HTTP/1.1\r\nHost: service\r\nContent-Length: 1000\r\n\r\n"
		}
		clients.Go(func() {
			took, err := crawl(ctx, s.address, start, l.slow)
			mu.Lock()
			defer mu.Unlock()
			slowest = max(slowest, took)
			if err != nil {
				stayed = append(stayed, err.Error())
			}
		})
	}
	clients.Wait()
	problems := slices.Concat(stayed, others())
	grew := max(0, peak(seen())-before)
	if grew > slowMemory {
		problems = append(problems, fmt.Sprintf("memory grew by %d MiB", grew/mib))
	}
	l.check(fmt.Sprintf("%d slow clients: cut off within %v (after %v), others answered, memory bounded (%+.1f MiB)",
		slowHeads+slowBodies, l.slow, slowest.Round(100*time.Millisecond), float64(grew)/mib), problems...)
	return ctx.Err()
}

// crawl sends a byte now and then until the service hangs up.
func crawl(ctx context.Context, address, start string, limit time.Duration) (took time.Duration, err error) {
	begin := time.Now()
	conn, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, start); err != nil {
		return 0, err
	}
	answer := make([]byte, 4096)
	for time.Since(begin) < limit {
		_ = conn.SetReadDeadline(time.Now().Add(drip))
		_, err := conn.Read(answer)
		switch {
		case ctx.Err() != nil:
			return 0, ctx.Err()
		case err == nil: // an early answer
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return time.Since(begin), nil
		default:
			_, _ = conn.Write([]byte("x")) // reading tells if that failed
		}
	}
	return limit, fmt.Errorf("a client that sends a byte now and then is still connected after %v", limit)
}

// others asks on connections of its own until it is called: each answer must come in reasonable time.
func (s *service) others(ctx context.Context) (problems func() []string) {
	ctx, cancel := context.WithCancel(ctx)
	var found []string
	asked := 0
	var wg sync.WaitGroup
	wg.Go(func() {
		for ; asked == 0 || wait(ctx, 100*time.Millisecond); asked++ {
			begin := time.Now()
			err := get(s.address, "/__lbheartbeat__")
			if took := time.Since(begin); err == nil && took > patience/5 {
				err = fmt.Errorf("/__lbheartbeat__ took %v", took)
			}
			if err != nil {
				found = append(found, "meanwhile: "+err.Error())
			}
		}
	})
	return func() []string {
		cancel()
		wg.Wait()
		return found
	}
}

func peak(samples []int64) (highest int64) {
	for _, s := range samples {
		highest = max(highest, s)
	}
	return highest
}
