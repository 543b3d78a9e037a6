package main

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// result is the output of wrk.
type result struct {
	requests, failed int
	perSecond        float64
}

// wrk keeps all connections busy for some time. A full load is one of its threads, since it needs less than a service.
func (l *load) wrk(ctx context.Context, address, path string, d time.Duration) (result, error) {
	return wrk(ctx, nil, l.connections, address, path, d)
}

func wrk(ctx context.Context, before []string, connections int, address, path string, d time.Duration) (result, error) {
	args := append(slices.Clone(before), "wrk", "--threads", "1", "--connections", strconv.Itoa(connections),
		"--duration", strconv.FormatFloat(d.Seconds(), 'f', 0, 64)+"s", "http://"+address+path)
	out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput()
	if err != nil {
		return result{}, fmt.Errorf("wrk, of Debian's package wrk: %w: %s", err, out)
	}
	return parseWrk(string(out))
}

func parseWrk(text string) (r result, err error) {
	requests := regexp.MustCompile(`(\d+) requests in`).FindStringSubmatch(text)
	rate := regexp.MustCompile(`Requests/sec: +([0-9.]+)`).FindStringSubmatch(text)
	if requests == nil || rate == nil {
		return r, errors.New("wrk reports no requests: " + text)
	}
	if r.requests, err = strconv.Atoi(requests[1]); err != nil {
		return r, err
	}
	if r.perSecond, err = strconv.ParseFloat(rate[1], 64); err != nil {
		return r, err
	}
	for _, kind := range []string{`Non-2xx or 3xx responses: (\d+)`, `connect (\d+)`, `read (\d+)`, `write (\d+)`, `timeout (\d+)`} {
		if n := regexp.MustCompile(kind).FindStringSubmatch(text); n != nil {
			failed, err := strconv.Atoi(n[1])
			if err != nil {
				return r, err
			}
			r.failed += failed
		}
	}
	return r, nil
}
