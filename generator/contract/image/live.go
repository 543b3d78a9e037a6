package image

import (
	"context"
	"time"

	"dockerflow/generator/contract"
)

// live runs containers and records their behaviour. It removes them before it returns, even after a panic.
func (s *session) live(ctx context.Context, seen *contract.Observed) (err error) {
	defer func() {
		if left := s.close(ctx); err == nil {
			err = left
		}
	}()
	s.o.Progress("running the image on port " + firstPort)
	r := &run{session: s, seen: seen}
	c, err := r.begin(ctx)
	if err != nil {
		return err
	}
	if c == nil {
		return nil // what there is to say of it has been said
	}
	for _, part := range []func(context.Context) error{
		r.asks, r.processes, r.statsdAddress, r.stops, r.second, r.unversioned, r.badPort,
	} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// run is what containers showed so far.
type run struct {
	*session
	seen *contract.Observed

	c       *container // the first
	at      string     // where it answers
	ignores bool       // it listens on another port than $PORT

	statsd statsd
}

// asks makes requests of the first container.
func (r *run) asks(ctx context.Context) error {
	f, link := r.image.File("app/" + contract.VersionName)
	s := &contract.Service{URL: "http://" + r.at}
	if f != nil {
		s.Version = f.Content
	}
	s.Missing = f == nil && link == "" && r.image.Unclear() == ""
	within, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	r.seen.Ask(within, s)
	return ctx.Err()
}

// second runs it on another port, with a statsd that listens where that can be.
func (r *run) second(ctx context.Context) error {
	r.o.Progress("running the image on port " + secondPort)
	defer r.statsd.close()
	c, why, err := r.try(ctx, r.hardening, secondPort, r.statsd.env()...)
	if err != nil {
		return err
	}
	if c == nil {
		without, _, err := r.try(ctx, r.hardening, secondPort)
		if err != nil {
			return err
		}
		if without == nil {
			r.seen.Listens.Add("%s", why.text)
			return nil
		}
		r.seen.Metrics.Add("it does not start with a statsd server: %s", why.text)
		c = without
	}
	r.statsd.use(ctx, c)
	if err := r.stop(ctx, c); err != nil {
		return err
	}
	r.statsd.read(r.seen)
	return nil
}

// processes looks at those of the first container.
func (r *run) processes(ctx context.Context) (err error) {
	if r.seen.Start.Hardening == contract.Unhardened {
		return nil // it does not start as operations run it, which decides
	}
	r.seen.Processes, r.seen.ProcessesUnclear, err = r.c.top(ctx)
	return err
}
