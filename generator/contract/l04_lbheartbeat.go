package contract

import (
	"context"
	"net/http"
)

var l04 = Rule{
	ID:     "L4",
	Level:  Must,
	Says:   "GET /__lbheartbeat__ returns 200 and checks no dependencies.",
	Source: "2016 specification, A containerized app must 4; current specification, Containerized App Requirements 6",
	URL:    required,
	Needs:  aURL,
	Fix:    "Return 200 immediately.",
	live:   lbheartbeat,
}

// lbheartbeat is L4.
func lbheartbeat(ctx context.Context, s *Service) Verdict {
	var r report
	a, ok := r.get(ctx, s, "/__lbheartbeat__")
	if ok && a.code != http.StatusOK {
		r.add("GET /__lbheartbeat__ returns %d, want 200", a.code)
	}
	v := judge(r, "")
	if b, err := s.ask(ctx, http.MethodGet, "/__heartbeat__"); v.Status == Pass && (err != nil || b.code < 500) {
		v.Note = "no dependency was down during the check"
	}
	return v
}
