package image

import (
	"archive/tar"
	"bytes"
	"context"
	"strings"
	"time"

	"dockerflow/generator/contract"
)

// nobody is a statsd that does not listen, in the container itself.
var nobody = []string{"STATSD_HOST=127.0.0.1", "STATSD_PORT=8125"}

// unversioned is L3, and the part of L9 where nobody listens.
func (r *run) unversioned(ctx context.Context) error {
	f, link := r.image.File("app/" + contract.VersionName)
	if f == nil && link == "" && r.image.Unclear() == "" {
		return nil // the first container had none
	}
	r.o.Progress("running it without its version.json")
	c, hidden, err := r.hide(ctx, nobody...)
	if err != nil || !hidden {
		r.v["L3"] = contract.Unknown("the engine does not take /app/version.json out of a container")
		return err
	}
	ready, at, why, err := r.answering(ctx, c)
	if err != nil {
		return err
	}
	if ready == nil {
		again, hidden, err := r.hide(ctx)
		if err != nil {
			return err
		}
		if hidden {
			if ready, at, _, err = r.answering(ctx, again); err != nil {
				return err
			}
		}
		if ready == nil {
			var missing contract.Faults
			missing.Add("without its version.json it does not start: %s", why.text)
			r.v["L3"] = missing.Judge("")
			return nil
		}
		r.metrics.Add("with a STATSD_HOST where nobody listens it does not start: %s", why.text)
	}
	defer ready.remove(ctx)
	r.v["L3"] = r.missing(ctx, at)
	return ctx.Err()
}

// missing judges the service without its version.json.
func (r *run) missing(ctx context.Context, at string) contract.Verdict {
	s := &contract.Service{URL: "http://" + at, Missing: true}
	for _, rule := range contract.Rules {
		if rule.ID != "L3" {
			continue
		}
		v := rule.CheckLive(ctx, s)
		if f, _ := r.image.File("app/" + contract.VersionName); v.Status == contract.Fail && f != nil {
			same := &contract.Service{URL: s.URL, Version: f.Content}
			for _, l2 := range contract.Rules {
				if l2.ID == "L2" && l2.CheckLive(ctx, same).Status == contract.Pass {
					return contract.Unknown("it answers the same without the file in place: it holds a copy elsewhere")
				}
			}
		}
		return v
	}
	return contract.Unknown("it is no rule any more")
}

// hide makes a container in which /app/version.json leads nowhere: to the service it is not there. A file cannot be
// taken out of a container that does not run, but replaced by such a link. That takes a root which is not read-only.
func (r *run) hide(ctx context.Context, env ...string) (c *container, hidden bool, err error) {
	var hardening []string
	for _, h := range r.hardening {
		if h != "--read-only" {
			hardening = append(hardening, h)
		}
	}
	c, err = r.create(ctx, hardening, firstPort, env...)
	if err != nil {
		return nil, false, ctx.Err()
	}
	var link bytes.Buffer
	w := tar.NewWriter(&link)
	err = w.WriteHeader(&tar.Header{Name: contract.VersionName, Typeflag: tar.TypeSymlink, Linkname: "/nowhere/" + contract.VersionName})
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, false, err
	}
	copied := r.e.streams(ctx, shortly, call{args: []string{"cp", "-", c.id + ":/app"}, in: &link, out: &bounded{}})
	if copied != nil {
		c.remove(ctx)
		return nil, false, ctx.Err()
	}
	return c, true, nil
}

// badPort is L12.
func (r *run) badPort(ctx context.Context) error {
	const bad = "not-a-port"
	if r.ignores {
		r.v["L12"] = contract.Unknown("it listens on another port than $PORT: see L1")
		return nil
	}
	r.o.Progress("running it with PORT=" + bad)
	c, err := r.create(ctx, r.hardening, bad)
	if err != nil {
		r.v["L12"] = contract.Unknown("no container of it can be made: " + err.Error())
		return ctx.Err()
	}
	defer c.remove(ctx)
	if err := c.start(ctx); err != nil {
		r.v["L12"] = contract.Unknown("a container of it does not start: " + err.Error())
		return ctx.Err()
	}
	limit := r.o.pace.refuse + 3*r.c.started
	_, port, st, err := c.await(ctx, limit)
	if err != nil {
		return err
	}
	var found contract.Faults
	switch {
	case port != 0:
		found.Add("with PORT=%s it listens on port %d", bad, port)
	case st.running:
		found.Add("with PORT=%s it still runs after %v%s", bad, limit.Round(time.Second), c.tail(ctx))
	case st.code == 0:
		found.Add("with PORT=%s it ends with exit status 0, which says that all is well", bad)
	default:
		out, errs, err := c.log(ctx)
		if err != nil {
			r.v["L12"] = contract.Unknown("the engine does not give the container's output: " + err.Error())
			return ctx.Err()
		}
		if !tells(append(out.buffer.Bytes(), errs.buffer.Bytes()...), bad) {
			found.Add("with PORT=%s it ends with exit status %d, but no line of its log is mozlog and names PORT or its value%s", bad, st.code, c.tail(ctx))
		}
	}
	r.v["L12"] = found.Judge("")
	return nil
}

// tells looks for a log line that says what is wrong with PORT.
func tells(log []byte, value string) bool {
	for line := range bytes.Lines(log) {
		if len(must(line)) == 0 && (bytes.Contains(line, []byte("PORT")) || bytes.Contains(line, []byte(value)) ||
			strings.Contains(strings.ToLower(string(line)), "port ")) {
			return true
		}
	}
	return false
}
