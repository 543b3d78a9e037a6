package contract

import (
	"context"
)

var l01 = Rule{
	ID:     "L1",
	Level:  Must,
	Says:   "The service listens for HTTP on $PORT, on all interfaces.",
	Source: "2016 specification, A containerized app must 1; current specification, Containerized App Requirements 2",
	URL:    required,
	Needs:  "the service started with two values of $PORT",
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
	return unknown("it listens on this port; a second value of $PORT would show whether it reads $PORT")
}

// listens is what containers on two ports show of L1.
func (o *Observed) listens() Verdict {
	if o.NotStarted != "" && len(o.Listens) == 0 {
		return unknown(o.NotStarted)
	}
	v := o.Listens.judge("")
	if v.Status == Pass && o.Podman {
		v.Note = "rootless Podman may also reach a service that listens only on 127.0.0.1"
	}
	return v
}
