package contract

import "context"

// Observed is the content of an image and the behaviour of its containers. Package image collects it, and CheckImage
// judges it.
type Observed struct {
	Image *Image

	NotStarted string // why no container answered; then only Listens is known about containers
	Start      Start
	Listens    Faults // of where it listens
	Podman     bool   // a rootless Podman ran it

	answers     []Result // of the rules that requests alone show
	Unversioned Unversioned

	logs       Faults
	lines      int    // of all logs
	LogUnclear string // why its output is unknown

	Metrics Faults
	Statsd  string // the address that it sent metrics to; "" where containers do not reach this machine
	Packets int    // that came there

	stopping Faults
	StopNote string // why no request was in flight at the stop

	Processes        []Process
	ProcessesUnclear string // why they cannot be seen

	BadPort BadPort
}

// Hardening is how restricted a container runs, from the way operations run it to the defaults of a laptop.
type Hardening int

// The levels of hardening, each with one restriction less than the one before.
const (
	Hardened Hardening = iota
	Unlimited
	WritableRoot
	Unhardened
)

// Start is the most restricted way in which a service starts.
type Start struct {
	Hardening Hardening
	Why       string // why it does not start in the hardest way of all
	Engine    bool   // it is the engine that refuses
}

// CheckImage checks the observations of an image against the rules and returns one result per rule, in order.
func CheckImage(o *Observed) []Result {
	results := make([]Result, 0, len(Rules))
	for _, rule := range Rules {
		results = append(results, Result{rule, rule.onImage(o)})
	}
	return results
}

func (r Rule) onImage(o *Observed) Verdict {
	switch {
	case r.image != nil:
		return r.image(o)
	case r.live == nil:
		return unknown("an image alone cannot show this: needs " + r.Needs)
	case o.NotStarted != "":
		return unknown(o.NotStarted)
	}
	for _, a := range o.answers {
		if a.ID == r.ID {
			return a.Verdict
		}
	}
	return unknown("needs " + r.Needs)
}

// Ask sends the requests that decide rules on their own to the service in the first container.
func (o *Observed) Ask(ctx context.Context, s *Service) {
	for _, rule := range Rules {
		if rule.image == nil && rule.live != nil {
			o.answers = append(o.answers, Result{rule, rule.live(ctx, s)})
		}
	}
	if s.Missing {
		o.AskUnversioned(ctx, s.URL)
	}
}

// onFiles adapts a check that needs only the image's configuration and files.
func onFiles(check func(*Image) Verdict) func(*Observed) Verdict {
	return func(o *Observed) Verdict { return check(o.Image) }
}

// onContainers adapts a check that needs a container which answered.
func onContainers(check func(*Observed) Verdict) func(*Observed) Verdict {
	return func(o *Observed) Verdict {
		if o.NotStarted != "" {
			return unknown(o.NotStarted)
		}
		return check(o)
	}
}
