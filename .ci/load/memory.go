package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const mib = 1 << 20

// resident is the memory of a process and all that descend from it, in bytes.
func resident(pid int) int64 {
	children := map[int][]int{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		stat, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended
		}
		// The name before the last bracket may hold anything.
		after := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
		parent, _ := strconv.Atoi(string(after[1]))
		child, _ := strconv.Atoi(strings.Split(file, "/")[2])
		children[parent] = append(children[parent], child)
	}
	var sum int64
	for todo := []int{pid}; len(todo) > 0; todo = todo[1:] {
		if statm, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", todo[0])); err == nil {
			pages, _ := strconv.ParseInt(strings.Fields(string(statm))[1], 10, 64)
			sum += pages * int64(os.Getpagesize())
		}
		todo = append(todo, children[todo[0]]...)
	}
	return sum
}

// watch looks at the memory of a service ten times a second until it is asked for what it saw.
func (s *service) watch() (seen func() []int64) {
	var samples []int64
	var wg sync.WaitGroup
	end := make(chan struct{})
	wg.Go(func() {
		for tick := time.NewTicker(100 * time.Millisecond); ; {
			samples = append(samples, resident(s.PID()))
			select {
			case <-end:
				tick.Stop()
				return
			case <-tick.C:
			}
		}
	})
	return sync.OnceValue(func() []int64 {
		close(end)
		wg.Wait()
		return samples
	})
}

// flat reports whether the highest of the samples is no more than a twentieth and 2 MiB above the highest before, which is
// what a service of 60 MiB gets to by losing some 150 bytes with each of 35,000 requests, or 35 with each of 145,000. The
// highest, since a heap that is collected goes up and down: V8's takes nearly two minutes for it.
func flat(before, samples []int64) bool {
	highest := peak(before)
	return peak(samples) <= highest+highest/20+2*mib
}

// staysFlat watches the memory at full load. A heap may not have come to its height by the end of the first time: what is
// lost for good goes on to grow each time.
func (l *load) staysFlat(ctx context.Context, s *service) error {
	const attempts = 5
	_, before, err := l.watched(ctx, s, l.warmUp)
	if err != nil {
		return err
	}
	for n := 1; ; n++ {
		r, samples, err := l.watched(ctx, s, l.full)
		if err != nil {
			return err
		}
		good := flat(before, samples)
		if !good && r.failed == 0 && n < attempts {
			before = samples
			continue
		}
		var problems []string
		if !good {
			problems = append(problems, fmt.Sprintf("it grew, %d times in a row", n))
		}
		if r.failed > 0 {
			problems = append(problems, fmt.Sprintf("%d of %d requests failed", r.failed, r.requests))
		}
		l.check(fmt.Sprintf("memory stays flat over %v at full load (%d requests; at most %.1f MiB, before %.1f MiB), at attempt %d",
			l.full, r.requests, float64(peak(samples))/mib, float64(peak(before))/mib, n), problems...)
		return nil
	}
}

// watched is full load with an eye on the memory.
func (l *load) watched(ctx context.Context, s *service, d time.Duration) (result, []int64, error) {
	seen := s.watch()
	r, err := l.wrk(ctx, s.address, "/", d)
	return r, seen(), err
}

// median is the middle one, and zero of nothing.
func median[T int64 | float64 | time.Duration](all []T) T {
	if len(all) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(all))[len(all)/2]
}
