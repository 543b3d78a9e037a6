// Command go is net/http, and slog with one JSON line a request: what the generated service is measured against.
package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"
)

func main() {
	hostname, _ := os.Hostname()
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil)).
		With("Logger", "bare", "Hostname", hostname, "EnvVersion", "2.0", "Severity", 6, "Pid", os.Getpid())
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]string{"service": "bare"})
	})
	mux.HandleFunc("GET /__lbheartbeat__", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]string{"status": "ok"})
	})
	fmt.Fprintln(os.Stderr, http.ListenAndServe(":"+os.Getenv("PORT"), logged(mux, log))) //nolint:gosec // bare
	os.Exit(1)
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func logged(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		s := &status{w, http.StatusOK}
		next.ServeHTTP(s, r)
		errno := 0
		if s.code >= http.StatusBadRequest {
			errno = s.code
		}
		log.LogAttrs(r.Context(), slog.LevelInfo, "request.summary",
			slog.Int64("Timestamp", start.UnixNano()),
			slog.Group("Fields",
				slog.String("agent", r.UserAgent()),
				slog.Int("errno", errno),
				slog.String("method", r.Method),
				slog.String("path", r.URL.Path),
				slog.Int("code", s.code),
				slog.String("lang", r.Header.Get("Accept-Language")),
				slog.String("uid", ""),
				slog.String("rid", uuid()),
				slog.Int64("t", time.Since(start).Milliseconds())))
	})
}

func uuid() string {
	var b [16]byte
	rand.Read(b[:])
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// status remembers the code of an answer.
type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}
