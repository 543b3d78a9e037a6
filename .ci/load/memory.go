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
			samples = append(samples, resident(s.cmd.Process.Pid))
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

// flat compares the last third of the samples with the middle one, by medians: a heap that is collected goes up and down.
// It may have grown by a twentieth and 2 MiB, which is what a service of 60 MiB gets to by losing some 60 bytes with each
// of 80,000 requests.
func flat(samples []int64) (middle, last int64, problems []string) {
	third := len(samples) / 3
	middle, last = median(samples[third:2*third]), median(samples[2*third:])
	if last > middle+middle/20+2*mib {
		problems = []string{fmt.Sprintf("it grew from %d to %d MiB within a third of the time", middle/mib, last/mib)}
	}
	return middle, last, problems
}

// staysFlat watches the memory at full load.
func (l *load) staysFlat(ctx context.Context, s *service) error {
	if _, err := l.wrk(ctx, s.address, "/", l.warmUp); err != nil {
		return err
	}
	seen := s.watch()
	r, err := l.wrk(ctx, s.address, "/", l.full)
	samples := seen()
	if err != nil {
		return err
	}
	middle, last, problems := flat(samples)
	if r.failed > 0 {
		problems = append(problems, fmt.Sprintf("%d of %d requests failed", r.failed, r.requests))
	}
	l.check(fmt.Sprintf("memory stays flat over %v at full load (%d requests; middle third %.1f MiB, last third %.1f MiB)",
		l.full, r.requests, float64(middle)/mib, float64(last)/mib), problems...)
	return nil
}

// median is the middle one, and zero of nothing.
func median[T int64 | float64 | time.Duration](all []T) T {
	if len(all) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(all))[len(all)/2]
}
