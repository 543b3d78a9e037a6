package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

const (
	bodySize   = 1 << 30
	bodyMemory = 16 * mib
)

// largeBodies sends a gigabyte to the service, with its length announced and without.
func (l *load) largeBodies(ctx context.Context, s *service) error {
	for _, kind := range []struct{ name, head string }{
		{"with its length announced", fmt.Sprintf("Content-Length: %d\r\n", bodySize)},
		{"in chunks", "Transfer-Encoding: chunked\r\n"},
	} {
		before := resident(s.PID())
		seen := s.watch()
		others := s.others(ctx)
		sent, status, err := upload(ctx, s.address, kind.head, l.slow)
		problems := others()
		grew := max(0, peak(seen())-before)
		switch {
		case err != nil:
			problems = append(problems, err.Error())
		case status < http.StatusBadRequest:
			problems = append(problems, fmt.Sprintf("it answers %d", status))
		}
		if grew > bodyMemory {
			problems = append(problems, fmt.Sprintf("memory grew by %d MiB", grew/mib))
		}
		l.check(fmt.Sprintf("a body of 1 GB %s: %d after %.1f MiB, others answered, memory bounded (%+.1f MiB)",
			kind.name, status, float64(sent)/mib, float64(grew)/mib), problems...)
	}
	return ctx.Err()
}

// upload sends a body until the service closes the connection or has read it all, and returns how much it read and its answer.
func upload(ctx context.Context, address, header string, limit time.Duration) (sent int64, status int, err error) {
	conn, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return 0, 0, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	_ = conn.SetDeadline(time.Now().Add(limit))
	answered := make(chan int, 1)
	go func() {
		defer close(answered)
		if resp, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil {
			resp.Body.Close()
			answered <- resp.StatusCode
		}
	}()
	if _, err := io.WriteString(conn, "POST / HTTP/1.1\r\nHost: service\r\nContent-Type: text/plain\r\n"+header+"\r\n"); err != nil {
		return 0, 0, err
	}
	const size = 64 << 10
	part := make([]byte, size)
	if header == "Transfer-Encoding: chunked\r\n" {
		part = fmt.Appendf(nil, "%x\r\n%s\r\n", size, part)
	}
	for ; sent < bodySize; sent += size {
		if _, err = conn.Write(part); err != nil {
			break
		}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return sent, 0, fmt.Errorf("the upload still goes on after %v", limit)
	}
	select {
	case status, ok := <-answered:
		if !ok && err == nil {
			return sent, 0, errors.New("it read the whole body and sent no answer")
		}
		if !ok { // the end overtook the answer
			status = http.StatusRequestEntityTooLarge
		}
		return sent, status, nil
	case <-time.After(patience):
		return sent, 0, errors.New("no answer")
	}
}
