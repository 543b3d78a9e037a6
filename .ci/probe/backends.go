package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"

	"dockerflow/.ci/process"
	"dockerflow/generator/contract"
)

// backend is the dependency of the service that its heartbeat asks.
type backend struct {
	server *httptest.Server
	asked  chan struct{} // one for each request that came
}

// newBackend serves a status; for 0 it never answers.
func newBackend(status int) *backend {
	b := &backend{asked: make(chan struct{}, 1000)}
	b.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.asked <- struct{}{}
		if status == 0 {
			<-r.Context().Done()
			return
		}
		w.WriteHeader(status)
	}))
	return b
}

func (b *backend) close() {
	b.server.CloseClientConnections()
	b.server.Close()
}

// backendDown also has statsd on a port where nothing listens.
func (p *probe) backendDown(ctx context.Context, port int) error {
	dead, release, err := deadPort()
	if err != nil {
		return err
	}
	defer release()
	statsd, err := process.FreePort()
	if err != nil {
		return err
	}
	return p.withBackend(ctx, port, "with a dead backend", "http://127.0.0.1:"+strconv.Itoa(dead), false,
		"STATSD_HOST=127.0.0.1", "STATSD_PORT="+strconv.Itoa(statsd))
}

func (p *probe) backendFails(ctx context.Context, port int) error {
	b := newBackend(http.StatusInternalServerError)
	defer b.close()
	return p.withBackend(ctx, port, "with a failing backend", b.server.URL, false)
}

func (p *probe) backendHangs(ctx context.Context, port int) error {
	b := newBackend(0)
	defer b.close()
	return p.withBackend(ctx, port, "with a hanging backend", b.server.URL, false)
}

func (p *probe) backendWell(ctx context.Context, port int) error {
	b := newBackend(http.StatusOK)
	defer b.close()
	return p.withBackend(ctx, port, "with a healthy backend", b.server.URL, true)
}

// withBackend runs the service with its dependency in some state.
func (p *probe) withBackend(ctx context.Context, port int, what, backend string, well bool, env ...string) error {
	where := fmt.Sprintf("on port %d %s", port, what)
	s, err := p.start(port, append(env, "PORT="+strconv.Itoa(port), "BACKEND_URL="+backend)...)
	if err != nil {
		return err
	}
	defer s.Kill()
	if err := s.await(ctx, p.ready); err != nil {
		p.check("L1", where, err.Error())
		return nil
	}
	p.live(ctx, s, &contract.Service{}, where, "L4", "L5")
	p.check("L5", where+": the check backend reports it", s.tellsBackend(ctx, well)...)
	statsd := "nothing at STATSD_HOST"
	if len(env) == 0 {
		statsd = "STATSD_HOST unset"
	}
	p.check("L9", where+": it works with "+statsd, s.answers(ctx)...)
	p.check("L10", where+": it stops on SIGTERM", s.stop(p.grace)...)
	p.logs(s, where)
	return nil
}

// tellsBackend requires the state of the backend in the heartbeat.
func (s *service) tellsBackend(ctx context.Context, well bool) []string {
	code, body, err := s.get(ctx, "/__heartbeat__")
	if err != nil {
		return []string{err.Error()}
	}
	var heartbeat struct{ Checks map[string]string }
	if err := json.Unmarshal(body, &heartbeat); err != nil {
		return []string{err.Error()}
	}
	wantCode, want := http.StatusInternalServerError, "error"
	if well {
		wantCode, want = http.StatusOK, "ok"
	}
	if got := heartbeat.Checks["backend"]; got != want || code != wantCode {
		return []string{fmt.Sprintf("it answers %d and checks.backend is %q, want %d and %q", code, got, wantCode, want)}
	}
	return nil
}

func (s *service) answers(ctx context.Context) []string {
	code, _, err := s.get(ctx, "/__lbheartbeat__")
	if err != nil {
		return []string{err.Error()}
	}
	if code != http.StatusOK {
		return []string{fmt.Sprintf("it answers %d", code)}
	}
	return nil
}

func (s *service) get(ctx context.Context, path string) (code int, body []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url("127.0.0.1")+path, http.NoBody)
	if err != nil {
		return 0, nil, err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err = io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp.StatusCode, body, err
}
