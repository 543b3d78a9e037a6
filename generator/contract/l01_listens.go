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
	image:  (*Observed).listens,
}

// listens is the part of L1 that one URL shows.
func listens(ctx context.Context, s *Service) Verdict {
	var r report
	if _, ok := r.get(ctx, s, "/__lbheartbeat__"); !ok {
		return judge(r, "")
	}
	return unknown("it listens here; whether $PORT says where takes a second port")
}

// listens is what containers on two ports show of L1.
func (o *Observed) listens() Verdict {
	if o.NotStarted != "" && len(o.Listens) == 0 {
		return unknown(o.NotStarted)
	}
	v := o.Listens.judge("")
	if v.Status == Pass && o.Podman {
		v.Note = "a rootless Podman may also reach what listens on 127.0.0.1 alone"
	}
	return v
}
