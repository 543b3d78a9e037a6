package contract

import "time"

var l10 = Rule{
	ID:     "L10",
	Level:  Should,
	Says:   "On SIGTERM the service stops accepting connections, finishes the requests in flight and exits 0.",
	Source: "practice",
	Needs:  aProcess + " and a SIGTERM",
	Fix:    "Handle SIGTERM with the server's graceful shutdown.",
	image:  onContainers((*Observed).stops),
}

// Stop describes how a container ended after SIGTERM.
type Stop struct {
	Port       string        // the value of $PORT
	Grace      time.Duration // that it had
	Killed     bool          // it had to be killed after that
	Code       int           // its exit status
	Slow       string        // the path of the request in flight
	Unfinished error         // why that was not answered in full
}

// Stopped adds how a container ended.
func (o *Observed) Stopped(s Stop) {
	switch {
	case s.Killed:
		o.stopping.Add("with PORT=%s it still runs %v after SIGTERM and has to be killed", s.Port, s.Grace)
	case s.Code != 0:
		o.stopping.Add("with PORT=%s it exits with status %d after SIGTERM, want 0", s.Port, s.Code)
	}
	if s.Unfinished != nil {
		o.stopping.Add("a request in flight to %s is not finished: %v", s.Slow, s.Unfinished)
	}
}

// stops is what containers show of L10.
func (o *Observed) stops() Verdict {
	v := o.stopping.judge("")
	if v.Status == Pass {
		v.Note = o.StopNote
	}
	return v
}
