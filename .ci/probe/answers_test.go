package main

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"
)

func (f *fixture) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	inFlight.Add(1)
	defer inFlight.Done()
	code, body := http.StatusOK, `{"status":"ok"}`
	switch r.URL.Path {
	case "/__version__":
		code, body = f.version()
	case "/__lbheartbeat__":
		if f.has("checks in lbheartbeat") && f.backend() != "" {
			code = http.StatusInternalServerError
		}
	case "/__heartbeat__":
		code, body = f.heartbeat()
	default:
		code, body = http.StatusNotFound, `{"error":"not found"}`
		if f.has("knows every path") {
			code = http.StatusOK
		}
	}
	if f.has("allows one host") && !strings.HasPrefix(r.Host, "127.") {
		code = http.StatusBadRequest
	}
	if r.Method == http.MethodHead && f.has("no HEAD") {
		code = http.StatusMethodNotAllowed
	}
	w.Header().Set("Content-Type", "application/json")
	f.summary(r, code) // before the answer, so that a stop right after it does not lose the line
	w.WriteHeader(code)
	_, _ = w.Write([]byte(body))
	if f.has("dies of requests") {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
}

func (f *fixture) version() (code int, body string) {
	text, err := os.ReadFile("version.json")
	switch {
	case f.has("another version"):
		return http.StatusOK, `{"source":"","version":"","commit":"other","build":""}`
	case err != nil && f.has("null without version.json"):
		return http.StatusOK, "null"
	case err != nil:
		return http.StatusNotFound, `{"error":"no version.json"}`
	}
	return http.StatusOK, string(text)
}

// backend returns what is wrong with the dependency.
func (f *fixture) backend() string {
	address := os.Getenv("BACKEND_URL")
	if address == "" {
		return ""
	}
	limit := 400 * time.Millisecond
	if f.has("waits for the backend") {
		limit = time.Hour
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error()
	}
	resp.Body.Close()
	if resp.StatusCode >= 500 {
		return resp.Status
	}
	return ""
}

func (f *fixture) heartbeat() (code int, body string) {
	if os.Getenv("BACKEND_URL") == "" || f.has("checks nothing") {
		return http.StatusOK, `{"status":"ok","checks":{},"details":{}}`
	}
	why := f.backend()
	if why == "" {
		return http.StatusOK, `{"status":"ok","checks":{"backend":"ok"},"details":{}}`
	}
	if f.has("calls a failure a warning") {
		return http.StatusOK, `{"status":"warning","checks":{"backend":"warning"},"details":{"backend":{"status":"warning","level":30,"messages":{"a":"b"}}}}`
	}
	code = http.StatusInternalServerError
	if f.has("200 for a failure") {
		code = http.StatusOK
	}
	details, _ := json.Marshal(why)
	return code, `{"status":"error","checks":{"backend":"error"},"details":{"backend":{"status":"error","level":40,"messages":{"backend.1":` + string(details) + `}}}}`
}

func (f *fixture) summary(r *http.Request, code int) {
	errno := 0
	if code >= 400 {
		errno = code
	}
	rid := r.Header.Get("X-Request-Id")
	if rid == "" || f.has("ignores X-Request-Id") {
		rid = "new"
	}
	fields := map[string]any{
		"agent": r.UserAgent(), "errno": errno, "method": r.Method, "path": r.URL.Path, "code": code,
		"lang": r.Header.Get("Accept-Language"), "uid": "", "rid": rid, "t": 0,
	}
	if f.has("logs the query") {
		fields["path"] = r.URL.RequestURI()
	}
	if f.has("logs another path") {
		fields["path"] = "/"
	}
	if f.has("logs no language") {
		fields["lang"] = ""
	}
	f.log("request.summary", 6, fields)
	if f.stats == nil || f.has("no metrics") {
		return
	}
	metric := "fixture.requests:1|c"
	if f.has("bad metrics") {
		metric = "fixture.requests 1"
	}
	if _, err := f.stats.Write([]byte(metric)); err != nil && f.has("needs someone at statsd") {
		os.Exit(1)
	}
}
