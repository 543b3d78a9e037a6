package image

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"dockerflow/generator/contract"
)

// stops ends the first container.
func (r *run) stops(ctx context.Context) error { return r.stop(ctx, r.c) }

// stop ends a container as operations do, looks at how it ended, and reads all that it wrote.
func (r *run) stop(ctx context.Context, c *container) error {
	r.o.Progress("stopping it")
	defer c.remove(ctx)
	flying := r.startInFlight(ctx, c)
	begin := time.Now()
	if _, err := r.e.output(ctx, "stop", "--time", fmt.Sprint(int(r.o.pace.grace.Seconds())), c.id); err != nil {
		return err
	}
	took := time.Since(begin)
	st, err := c.state(ctx)
	if err != nil {
		return err
	}
	const killed = 128 + 9
	stop := contract.Stop{
		Port: c.port, Grace: r.o.pace.grace, Killed: st.code == killed && took >= r.o.pace.grace, Code: st.code, Slow: r.o.Slow,
	}
	if flying != nil {
		stop.Unfinished = <-flying
	}
	r.seen.Stopped(stop)
	return r.logs(ctx, c, st.code == killed)
}

// startInFlight has a request in flight, if there is a path that takes long enough.
func (r *run) startInFlight(ctx context.Context, c *container) chan error {
	const inFlight = 250 * time.Millisecond
	r.seen.StopNote = "no request was in flight: no slow path is known"
	if r.o.Slow == "" {
		return nil
	}
	r.seen.StopNote = r.o.Slow + " answers too quickly to be in flight at the stop"
	flying := make(chan error, 1)
	go func() { flying <- get(ctx, "http://"+c.found+r.o.Slow) }()
	select {
	case err := <-flying:
		if err != nil {
			r.seen.StopNote = r.o.Slow + " gives no answer: " + err.Error()
		}
		return nil
	case <-time.After(inFlight):
		r.seen.StopNote = ""
		return flying
	}
}

// get sends a request and requires a complete response.
func get(ctx context.Context, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := contract.NewClient(time.Minute).Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, maxOutput))
	return err
}

// logs reads what the container wrote.
func (r *run) logs(ctx context.Context, c *container, killed bool) error {
	out, errs, err := c.log(ctx)
	if err != nil {
		r.seen.LogUnclear = "cannot read the container's output: " + err.Error()
		return ctx.Err()
	}
	for _, stream := range []struct {
		name string
		text *bounded
	}{{"stdout", out}, {"stderr", errs}} {
		r.seen.ReadLog(c.port, stream.name, stream.text.buffer.Bytes(), killed || stream.text.cut)
	}
	return nil
}
