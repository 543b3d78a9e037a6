package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"
)

// The test binary is also the service under the probe: one that keeps the contract but for the fault that FAULT names.
func TestMain(m *testing.M) {
	if fault, ok := os.LookupEnv("FAULT"); ok {
		os.Exit((&fixture{fault: fault}).run())
	}
	os.Exit(m.Run())
}

type fixture struct {
	fault string
	mu    sync.Mutex
	stats net.Conn
}

func (f *fixture) has(fault string) bool { return f.fault == fault }

func (f *fixture) log(kind string, severity int, fields map[string]any) {
	if f.has("no " + kind) {
		return
	}
	line, _ := json.Marshal(map[string]any{
		"Timestamp": time.Now().UnixNano(), "Type": kind, "Logger": "fixture", "Hostname": "h", "EnvVersion": "2.0",
		"Severity": severity, "Pid": os.Getpid(), "Fields": fields,
	})
	f.mu.Lock()
	defer f.mu.Unlock()
	fmt.Fprintf(os.Stdout, "%s\n", line)
	if f.has("twice " + kind) {
		fmt.Fprintf(os.Stdout, "%s\n", line)
	}
}

// config returns what is wrong with the configuration.
func (f *fixture) config() error {
	if port, err := strconv.Atoi(os.Getenv("PORT")); (err != nil || port < 1 || port > 65535) && !f.has("takes any PORT") {
		return errors.New("PORT is no port")
	}
	if _, err := strconv.Atoi(os.Getenv("STATSD_PORT")); err != nil && os.Getenv("STATSD_PORT") != "" {
		return errors.New("STATSD_PORT is no port")
	}
	if u, err := url.Parse(os.Getenv("BACKEND_URL")); err != nil || !slices.Contains([]string{"", "http"}, u.Scheme) {
		return errors.New("BACKEND_URL is no URL")
	}
	if os.Getenv("LOG_LEVEL") != "" && !f.has("takes any LOG_LEVEL") {
		return errors.New("LOG_LEVEL is no level")
	}
	return nil
}

func (f *fixture) run() int {
	if err := f.config(); err != nil {
		f.log("app.config", 2, map[string]any{"error": err.Error()})
		if f.has("explains in plain text") {
			fmt.Fprintln(os.Stdout, err)
		}
		if f.has("exits 0 on bad configuration") {
			return 0
		}
		return 1
	}
	switch host := os.Getenv("STATSD_HOST"); {
	case host != "":
		f.stats, _ = net.Dial("udp", net.JoinHostPort(host, os.Getenv("STATSD_PORT"))) //nolint:noctx // UDP
	case f.has("needs statsd"):
		return 1
	}
	host, port := "", os.Getenv("PORT")
	if f.has("listens on loopback") {
		host = "127.0.0.1"
	}
	if f.has("ignores PORT") {
		port = "0"
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, port)) //nolint:noctx // it does not wait
	if err != nil {
		if f.has("silent about a taken port") {
			return 1
		}
		f.log("app.error", 2, map[string]any{"error": err.Error()})
		return 1
	}
	return f.serve(l)
}

func (f *fixture) serve(l net.Listener) int {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	server := &http.Server{Handler: f, ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(l) }()
	f.log("app.start", 6, map[string]any{"port": os.Getenv("PORT")})
	if f.has("plain text on stdout") {
		fmt.Fprintln(os.Stdout, "listening")
	}
	if f.has("writes to stderr") {
		fmt.Fprintln(os.Stderr, "warning")
	}
	<-signals
	switch {
	case f.has("ignores SIGTERM"):
		select {}
	case f.has("drops requests"):
		server.Close()
	case f.has("accepts while stopping"):
		inFlight.Wait()
	default:
		_ = server.Shutdown(context.Background())
	}
	f.log("app.stop", 6, map[string]any{"signal": "SIGTERM"})
	if f.has("exits 3") {
		return 3
	}
	return 0
}

var inFlight sync.WaitGroup
