package contract

import (
	"context"
)

var l01 = Rule{
	ID:     "L1",
	Level:  Must,
	Says:   "It listens for HTTP on $PORT, on all interfaces.",
	Source: "specification of 2016, A containerized app must 1; today, Containerized App Requirements 2",
	URL:    required,
	Needs:  "the service on two values of $PORT",
	Fix:    "Read PORT from the environment and bind to 0.0.0.0 or ::.",
	live:   listens,
}

// listens is the part of L1 that one URL shows.
func listens(ctx context.Context, s *Service) Verdict {
	var r report
	if _, ok := r.get(ctx, s, "/__lbheartbeat__"); !ok {
		return judge(r, "")
	}
	return Unknown("it listens here; whether $PORT says where takes a second port")
}
