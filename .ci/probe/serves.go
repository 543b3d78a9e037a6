package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"dockerflow/generator/contract"
)

const requestID = "probe-3f1c"

// serves tries the service as it usually runs.
func (p *probe) serves(ctx context.Context, port int) error {
	where := fmt.Sprintf("on port %d", port)
	statsd, err := net.ListenPacket("udp", "127.0.0.1:0") //nolint:noctx // it does not wait
	if err != nil {
		return err
	}
	defer statsd.Close()
	_, statsdPort, err := net.SplitHostPort(statsd.LocalAddr().String())
	if err != nil {
		return err
	}
	s, err := p.start(port, "PORT="+strconv.Itoa(port), "STATSD_HOST=127.0.0.1", "STATSD_PORT="+statsdPort)
	if err != nil {
		return err
	}
	defer s.Kill()
	if err := s.await(ctx, p.ready); err != nil {
		p.check("L1", where, err.Error())
		return nil
	}
	p.check("L1", where)
	p.check("L1", where+": on all interfaces", s.elsewhere(ctx)...)
	version, err := os.ReadFile(p.versionFile)
	if err != nil {
		return err
	}
	p.live(ctx, s, &contract.Service{Version: version}, where, "L2", "L4", "L5", "L6", "L7")
	p.check("L1", where+": an unknown path is a 404", s.unknownPath(ctx)...)
	p.check("L1", where+": it survives data that is not HTTP", s.garbage(ctx)...)
	p.check("L10", where+": it stops on SIGTERM", s.stop(p.grace)...)
	p.check("L9", where+": metrics arrive at statsd", metrics(statsd)...)
	p.logs(s, where)
	lines, _ := s.lines()
	p.check("L8", where+": the summary describes the request", saysWhatWasAsked(summaryOf(lines, requestID))...)
	return nil
}

// elsewhere asks on another address of the machine than 127.0.0.1.
func (s *service) elsewhere(ctx context.Context) []string {
	hosts := []string{"127.0.0.2"}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return []string{err.Error()}
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() {
			hosts = append(hosts, n.IP.String())
		}
	}
	var problems []string
	for _, host := range hosts {
		if !s.accepts(ctx, host) {
			problems = append(problems, "it does not listen on "+host)
		}
	}
	return problems
}

// unknownPath asks for one with all that a summary is made of.
func (s *service) unknownPath(ctx context.Context) []string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url("127.0.0.1")+"/no/such?token=secret", http.NoBody)
	if err != nil {
		return []string{err.Error()}
	}
	req.Header.Set("User-Agent", "probe/1")
	req.Header.Set("Accept-Language", "de-CH")
	req.Header.Set("X-Request-Id", requestID)
	resp, err := s.client.Do(req)
	if err != nil {
		return []string{err.Error()}
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	switch {
	case err != nil:
		return []string{err.Error()}
	case resp.StatusCode != http.StatusNotFound:
		return []string{fmt.Sprintf("it answers %d", resp.StatusCode)}
	case kind != "application/json" || !json.Valid(body):
		return []string{fmt.Sprintf("the body is not JSON: %.100q", body)}
	}
	return nil
}

// garbage sends data that is not HTTP and waits for the service to close the connection. It must then still be there.
func (s *service) garbage(ctx context.Context) []string {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)))
	if err != nil {
		return []string{err.Error()}
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(s.client.Timeout))
	if _, err := io.WriteString(conn, "\x16\x03\x01 no HTTP\r\n\r\n"); err != nil {
		return []string{err.Error()}
	}
	if _, err := io.Copy(io.Discard, io.LimitReader(conn, 1<<20)); err != nil && isTimeout(err) {
		return []string{"it keeps the connection"}
	}
	if !s.accepts(ctx, "127.0.0.1") {
		return []string{"it is gone"}
	}
	return nil
}

func isTimeout(err error) bool {
	n, ok := err.(net.Error) //nolint:errorlint // io.Copy does not wrap
	return ok && n.Timeout()
}

// metrics reads the packets that arrived before the service ended.
func metrics(statsd net.PacketConn) []string {
	var problems []string
	packet := make([]byte, 1<<16)
	for n := 0; ; n++ {
		_ = statsd.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
		size, _, err := statsd.ReadFrom(packet)
		switch {
		case err != nil && n == 0:
			return []string{"no packet came to $STATSD_HOST:$STATSD_PORT"}
		case err != nil:
			return problems
		}
		problems = append(problems, contract.CheckMetrics(packet[:size])...)
	}
}

// saysWhatWasAsked compares a summary with the request for an unknown path.
func saysWhatWasAsked(fields map[string]any) []string {
	if fields == nil {
		return []string{"no line has the id of the X-Request-Id header"}
	}
	var problems []string
	for key, want := range map[string]string{"agent": "probe/1", "lang": "de-CH", "path": "/no/such", "method": "GET", "code": "404", "errno": "404"} {
		if got := fmt.Sprint(fields[key]); got != want {
			problems = append(problems, fmt.Sprintf("%s is %q, want %q", key, got, want))
		}
	}
	return problems
}
