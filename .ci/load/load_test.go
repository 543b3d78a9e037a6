package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The test binary is also the service under load: a well-behaved one but for the fault that FAULT names.
func TestMain(m *testing.M) {
	if fault, ok := os.LookupEnv("FAULT"); ok {
		os.Exit(serve(fault))
	}
	os.Exit(m.Run())
}

var hoard [][]byte // what faults do not let go

func serve(fault string) int {
	l, err := net.Listen("tcp", "127.0.0.1:"+os.Getenv("PORT"))
	if err != nil {
		return 1
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	server := &http.Server{
		Handler:           handler(ctx, fault),
		ReadHeaderTimeout: time.Second, ReadTimeout: time.Second, IdleTimeout: time.Minute,
	}
	if fault == "waits for slow clients" {
		server.ReadHeaderTimeout, server.ReadTimeout = 0, 0
	}
	go func() { _ = server.Serve(l) }()
	<-ctx.Done()
	switch fault {
	case "exits 3":
		return 3
	case "drops requests":
		<-time.After(200 * time.Millisecond)
		return 0
	case "ignores SIGTERM":
		select {}
	}
	l.Close()
	<-time.After(200 * time.Millisecond)
	_ = server.Shutdown(context.Background())
	return 0
}

func handler(ctx context.Context, fault string) http.Handler {
	var mu sync.Mutex
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case fault == "drops requests" && ctx.Err() != nil:
			select {}
		case fault == "cuts answers off" && ctx.Err() != nil:
			w.Header().Set("Content-Length", "1000")
		case fault == "slow heartbeats" && r.URL.Path == "/__heartbeat__":
			<-time.After(time.Second)
		case fault == "keeps bodies":
			body, _ := io.ReadAll(io.LimitReader(r.Body, 64*mib))
			mu.Lock()
			hoard = append(hoard, body)
			mu.Unlock()
		case fault == "leaks":
			mu.Lock()
			hoard = append(hoard, bytes.Repeat([]byte("x"), 4<<10))
			mu.Unlock()
		case fault == "takes any body" && r.Method == http.MethodPost:
			w.WriteHeader(http.StatusOK)
			return
		}
		if r.Method == http.MethodPost {
			w.Header().Set("Connection", "close")
			w.WriteHeader(http.StatusRequestEntityTooLarge)
		}
		if ctx.Err() != nil {
			w.Header().Set("Connection", "close")
		}
		if fault != "logs nothing" {
			_, _ = io.WriteString(os.Stdout, "a line\n")
		}
		_, _ = io.WriteString(w, "{}")
	})
}

func newLoad(t *testing.T, fault string) (*load, *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	return &load{
		out: &out, program: program{dir: t.TempDir(), command: []string{self}, env: []string{"FAULT=" + fault}},
		ready: 20 * time.Second, grace: 10 * time.Second, connections: 8, slow: 10 * time.Second, prompt: 5 * time.Second,
	}, &out
}

func stopping(ctx context.Context, l *load) error { return l.stopsAtFullLoad(ctx, "/") }

func running(check func(*load, context.Context, *service) error) func(context.Context, *load) error {
	return func(ctx context.Context, l *load) error {
		s, err := l.start(ctx)
		if err != nil {
			return err
		}
		defer s.Kill()
		return check(l, ctx, s)
	}
}

// underPace is heartbeats without wrk.
func (l *load) underPace(ctx context.Context, s *service) error {
	l.half = time.Second
	what, problems := l.heartbeatsAt(ctx, s, 100)
	l.check(what, problems...)
	return nil
}

func TestGoodService(t *testing.T) {
	t.Parallel()
	for name, check := range map[string]func(context.Context, *load) error{
		"stop": stopping, "slow": running((*load).slowClients), "bodies": running((*load).largeBodies), "heartbeats": running((*load).underPace),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, out := newLoad(t, "")
			if err := check(t.Context(), l); err != nil {
				t.Fatal(err)
			}
			if l.failed > 0 || l.passed == 0 {
				t.Errorf("%d passed:\n%s", l.passed, out)
			}
		})
	}
}

// Each check must be able to fail, and for its own reason.
func TestFaultsAreCaught(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault string
		check func(context.Context, *load) error
		want  string
	}{
		{"drops requests", stopping, "accepted requests are lost"},
		{"cuts answers off", stopping, "during the answer"},
		{"exits 3", stopping, "exit status 3"},
		{"ignores SIGTERM", stopping, "it still runs"},
		{"logs nothing", stopping, "0 lines of log"},
		{"waits for slow clients", running((*load).slowClients), "is still connected after"},
		{"keeps bodies", running((*load).largeBodies), "memory grew by"},
		{"takes any body", running((*load).largeBodies), "it answers 200"},
		{"slow heartbeats", running((*load).underPace), "/__lbheartbeat__ took"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			l, out := newLoad(t, c.fault)
			if c.fault == "slow heartbeats" {
				l.prompt = 100 * time.Millisecond
			}
			if c.fault == "ignores SIGTERM" || c.fault == "waits for slow clients" {
				l.grace, l.slow = time.Second, 2*time.Second
			}
			if err := c.check(t.Context(), l); err != nil {
				t.Fatal(err)
			}
			if l.failed == 0 || !strings.Contains(out.String(), c.want) {
				t.Errorf("want a failure with %q:\n%s", c.want, out)
			}
		})
	}
}

func TestFlat(t *testing.T) {
	t.Parallel()
	minute := func(from, by int64) (samples []int64) {
		for i := range int64(600) {
			samples = append(samples, from+i%100*mib/10+i*by/600)
		}
		return samples
	}
	for name, c := range map[string]struct {
		samples []int64
		flat    bool
	}{
		"up and down":     {minute(60*mib, 0), true},
		"2 MiB a minute":  {minute(60*mib, 2*mib), true},
		"10 MiB a minute": {minute(60*mib, 10*mib), false},
		"down":            {minute(60*mib, -20*mib), true},
		"a step":          {minute(80*mib, 0), false},
	} {
		if flat(minute(60*mib, 0), c.samples) != c.flat {
			t.Errorf("%s: want %t", name, c.flat)
		}
	}
}

func TestMemoryAtFullLoad(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("wrk"); err != nil {
		t.Skip("no wrk")
	}
	for fault, want := range map[string]string{"": "ok memory", "leaks": "it grew, 5 times in a row"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			l, out := newLoad(t, fault)
			l.warmUp, l.full = time.Second, time.Second
			if err := running((*load).staysFlat)(t.Context(), l); err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(out.String(), want) {
				t.Errorf("want %q:\n%s", want, out)
			}
		})
	}
}

func TestResidentCountsChildren(t *testing.T) {
	t.Parallel()
	p := program{dir: t.TempDir(), command: []string{"sh", "-c", `"$0"; exit`, os.Args[0]}, env: []string{"FAULT="}}
	s, err := p.start(t.Context(), 20*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Kill()
	if got := resident(s.PID()); got < 4*mib { // sh alone has less
		t.Errorf("%d bytes", got)
	}
}

func TestParseWrk(t *testing.T) {
	t.Parallel()
	got, err := parseWrk("  48620 requests in 3.00s, 8.44MB read\n  Socket errors: connect 1, read 2, write 3, timeout 4\n" +
		"  Non-2xx or 3xx responses: 5\nRequests/sec:  16190.25\n")
	if want := (result{48620, 15, 16190.25}); err != nil || got != want {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := parseWrk("unable to connect"); err == nil {
		t.Error("no error")
	}
}

func TestPaceKeepsItsRate(t *testing.T) {
	t.Parallel()
	l, _ := newLoad(t, "")
	s, err := l.start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Kill()
	begin := time.Now()
	took, problems := pace(t.Context(), s.address, "/", 200, 4, time.Second)
	if len(took) != 200 || len(problems) > 0 || time.Since(begin) < 900*time.Millisecond {
		t.Errorf("%d requests in %v, %v", len(took), time.Since(begin), problems)
	}
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	var took []time.Duration
	for i := range 100 {
		took = append(took, time.Duration(100-i))
	}
	if got := percentile(took, 0.99); got != 100 {
		t.Errorf("got %d", got)
	}
	if got := percentile(took[:1], 0.99); got != 100 {
		t.Errorf("got %d of one", got)
	}
}

func TestProcessorTime(t *testing.T) {
	t.Parallel()
	before := processor(os.Getpid())
	for n := 0; processor(os.Getpid()) < before+time.Millisecond; n++ {
		if n > 1e8 {
			t.Fatal("it stands still")
		}
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"--bench", "--", "x"}, {"--nope"}, {"--checks", "stop,nothing", "--", "x"}} {
		if code := run(t.Context(), args, io.Discard, io.Discard); code != 2 {
			t.Errorf("%v: exit code %d", args, code)
		}
	}
	l, _ := newLoad(t, "")
	l.program.command = []string{"false"}
	if _, err := l.start(t.Context()); err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestRatioComparesNeighbours(t *testing.T) {
	t.Parallel()
	if got := ratio([]float64{80, 8, 45}, []float64{100, 10, 50}); got != 0.8 {
		t.Errorf("got %v", got)
	}
}
