package image

import (
	"archive/tar"
	"bytes"
	"context"

	"dockerflow/generator/contract"
)

// nobody is the address of a statsd that does not listen, in the container itself.
var nobody = []string{"STATSD_HOST=127.0.0.1", "STATSD_PORT=8125"}

// unversioned runs it without its version.json, and with a statsd that does not listen.
func (r *run) unversioned(ctx context.Context) error {
	f, link := r.image.File("app/" + contract.VersionName)
	if f == nil && link == "" && r.image.Unclear() == "" {
		return nil // the first container had none
	}
	r.o.Progress("running the image without version.json")
	c, hidden, err := r.hide(ctx, nobody...)
	if err != nil || !hidden {
		r.seen.Unversioned.Unhidden = true
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
			r.seen.Unversioned.NotStarted = why.text
			return nil
		}
		r.seen.Metrics.Add("it does not start when nothing listens on STATSD_HOST: %s", why.text)
	}
	defer ready.remove(ctx)
	r.seen.AskUnversioned(ctx, "http://"+at)
	return ctx.Err()
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

// badPort runs it with a bad configuration.
func (r *run) badPort(ctx context.Context) error {
	bad := &r.seen.BadPort
	if r.ignores {
		bad.Unclear = "it does not listen on $PORT: see L1"
		return nil
	}
	r.o.Progress("running the image with PORT=" + contract.NotAPort)
	c, err := r.create(ctx, r.hardening, contract.NotAPort)
	if err != nil {
		bad.Unclear = "cannot create a container: " + err.Error()
		return ctx.Err()
	}
	defer c.remove(ctx)
	if err := c.start(ctx); err != nil {
		bad.Unclear = "cannot start a container: " + err.Error()
		return ctx.Err()
	}
	bad.Limit = r.o.pace.refuse + 3*r.c.started
	_, port, st, err := c.await(ctx, bad.Limit)
	if err != nil {
		return err
	}
	bad.Port, bad.Running, bad.Code = port, st.running, st.code
	switch {
	case port != 0:
		return nil
	case st.running:
		bad.Tail = c.tail(ctx)
		return nil
	case st.code == 0:
		return nil
	}
	out, errs, err := c.log(ctx)
	if err != nil {
		bad.Unclear = "cannot read the container's output: " + err.Error()
		return ctx.Err()
	}
	bad.Tail = c.end(out, errs)
	bad.Log = append(out.buffer.Bytes(), errs.buffer.Bytes()...)
	return nil
}
