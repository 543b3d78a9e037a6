package main

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

// bench compares the throughput of a service with that of a bare program, each on the first processor and wrk on the
// second. Each round restarts both, since a JIT compiler does not do the same twice, and lets them run in turn.
type bench struct {
	*load
	bare          program
	rounds, pairs int
	warmUp, bout  time.Duration
}

var onFirst, onSecond = []string{"taskset", "--cpu-list", "0"}, []string{"taskset", "--cpu-list", "1"}

// leastRatio is the project's requirement.
const leastRatio = 0.8

// rates are what one side did: requests a second, and requests a second of processor time, which others on the machine
// disturb less.
type rates struct{ perSecond, perCPU []float64 }

// ratio is the median of those of neighbours in time, so that a machine which gets busier counts for both.
func ratio(ours, bare []float64) float64 {
	var all []float64
	for i := range ours {
		all = append(all, ours[i]/bare[i])
	}
	return median(all)
}

func (b *bench) all(ctx context.Context) error {
	for _, statsd := range []bool{false, true} {
		for _, path := range paths {
			if err := b.compare(ctx, path, statsd); err != nil {
				return err
			}
		}
	}
	s, err := b.start(ctx)
	if err != nil {
		return err
	}
	defer s.Kill()
	return b.heartbeats(ctx, s)
}

func (b *bench) compare(ctx context.Context, path string, statsd bool) error {
	what, env := path, []string(nil)
	if statsd {
		what += ", with statsd"
		address, end, err := sink()
		if err != nil {
			return err
		}
		defer end()
		host, port, _ := net.SplitHostPort(address)
		env = []string{"STATSD_HOST=" + host, "STATSD_PORT=" + port}
	}
	var ours, bare rates
	for range b.rounds {
		if err := b.round(ctx, path, env, &ours, &bare); err != nil {
			return err
		}
	}
	var problems []string
	of := ratio(ours.perSecond, bare.perSecond)
	if of < leastRatio {
		problems = []string{fmt.Sprintf("want %.2f", leastRatio)}
	}
	b.check(fmt.Sprintf("throughput on %s: %.0f requests/s, bare %.0f: ratio %.2f, by processor time %.2f",
		what, median(ours.perSecond), median(bare.perSecond), of, ratio(ours.perCPU, bare.perCPU)), problems...)
	return nil
}

func (b *bench) round(ctx context.Context, path string, env []string, ours, bare *rates) error {
	sides := []struct {
		program
		*rates
		env []string
		*service
	}{{program: b.program, rates: ours, env: env}, {program: b.bare, rates: bare}}
	for i := range sides {
		side := &sides[i]
		side.quiet = true
		side.command = slices.Concat(onFirst, side.command)
		var err error
		if side.service, err = side.program.start(ctx, b.ready, side.env...); err != nil {
			return err
		}
		defer side.Kill()
		if _, err := wrk(ctx, onSecond, b.connections, side.address, path, b.warmUp); err != nil {
			return err
		}
	}
	for range b.pairs {
		slices.Reverse(sides)
		for _, side := range sides {
			before := processor(side.PID())
			r, err := wrk(ctx, onSecond, b.connections, side.address, path, b.bout)
			if err != nil {
				return err
			}
			if r.failed > 0 {
				return fmt.Errorf("%d of %d requests failed%s", r.failed, r.requests, side.log.words())
			}
			side.perSecond = append(side.perSecond, r.perSecond)
			side.perCPU = append(side.perCPU, float64(r.requests)/(processor(side.PID())-before).Seconds())
		}
	}
	return nil
}

// processor is the time that a process has had of it, read from its clock (see clock_getcpuclockid(3)).
func processor(pid int) time.Duration {
	const scheduled = 2
	var t syscall.Timespec
	clock := uintptr(^pid<<3 | scheduled)
	_, _, _ = syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clock, uintptr(unsafe.Pointer(&t)), 0)
	return time.Duration(t.Nano())
}

// sink is a statsd server that reads and forgets.
func sink() (address string, end func(), err error) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return "", nil, err
	}
	go func() {
		packet := make([]byte, 1<<16)
		for {
			if _, _, err := conn.ReadFromUDP(packet); err != nil {
				return
			}
		}
	}()
	port := conn.LocalAddr().(*net.UDPAddr).Port
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)), func() { conn.Close() }, nil
}
