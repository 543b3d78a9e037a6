package image

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"dockerflow/generator/contract"
)

// liveRules are those on which containers decide.
var liveRules = []string{"L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8", "L9", "L10", "L11", "L12"}

// live runs containers and adds what they show. They are gone when it returns, even by a panic.
func (s *session) live(ctx context.Context, v verdicts) (err error) {
	defer func() {
		if left := s.close(ctx); err == nil {
			err = left
		}
	}()
	s.o.Progress("running it on port " + firstPort)
	r := &run{session: s, v: v}
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
	r.conclude()
	return ctx.Err()
}

// run is what containers showed so far.
type run struct {
	*session
	v verdicts

	c       *container // the first
	at      string     // where it answers
	ignores bool       // it listens on another port than $PORT

	listens, stopping, log, metrics contract.Faults
	logUnclear, stopNote            string
	lines                           int // of all logs
	statsd                          statsd
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
	for _, rule := range contract.Rules {
		if slices.Contains([]string{"L2", "L3", "L4", "L5", "L6", "L7"}, rule.ID) {
			r.v[rule.ID] = rule.CheckLive(within, s)
		}
	}
	return ctx.Err()
}

// second runs it on another port, with a statsd that listens where that can be.
func (r *run) second(ctx context.Context) error {
	r.o.Progress("running it on port " + secondPort)
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
			r.listens.Add("%s", why.text)
			return nil
		}
		r.metrics.Add("with a statsd it does not start: %s", why.text)
		c = without
	}
	r.statsd.use(ctx, c)
	if err := r.stop(ctx, c); err != nil {
		return err
	}
	r.statsd.read(&r.metrics)
	return nil
}

// conclude judges what several containers showed.
func (r *run) conclude() {
	podman := ""
	if r.e.podman {
		podman = "a rootless Podman may also reach what listens on 127.0.0.1 alone"
	}
	r.v["L1"] = r.listens.Judge("")
	if v := r.v["L1"]; v.Status == contract.Pass {
		v.Note = podman
		r.v["L1"] = v
	}
	if r.lines == 0 && r.logUnclear == "" {
		r.log.Add("it wrote no line to stdout or stderr from its start to its stop")
	}
	r.v["L8"] = r.log.Judge(r.logUnclear)
	r.v["L9"] = r.statsd.verdict(r.metrics)
	v := r.stopping.Judge("")
	if v.Status == contract.Pass {
		v.Note = r.stopNote
	}
	r.v["L10"] = v
}

// either gives an effective id, and the real one where it is another.
func either(ids []string) string {
	if ids[0] == ids[1] {
		return ids[1]
	}
	return ids[1] + " (in truth " + ids[0] + ")"
}

// processes is L11.
func (r *run) processes(ctx context.Context) error {
	if _, decided := r.v["L11"]; decided {
		return nil // it does not start as operations run it
	}
	lines, why, err := r.c.top(ctx)
	if err != nil || why != "" {
		r.v["L11"] = contract.Unknown(why)
		return err
	}
	var found contract.Faults
	for _, p := range lines {
		if slices.ContainsFunc(p.ids, func(n string) bool { return n != strconv.Itoa(contract.AppID) }) {
			found.Add("process %q runs as user %s and group %s", p.command, either(p.ids[:2]), either(p.ids[2:]))
		}
	}
	v := found.Judge("")
	if v.Status == contract.Pass {
		v.Note = fmt.Sprintf("%d processes", len(lines))
		if len(lines) == 1 {
			v.Note = "one process"
		}
	}
	r.v["L11"] = v
	return nil
}
