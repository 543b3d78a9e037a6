package image

import (
	"bytes"
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
	flying := r.takeOff(ctx, c)
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
	switch {
	case st.code == killed && took >= r.o.pace.grace:
		r.stopping.Add("with PORT=%s it still runs %v after SIGTERM, and is killed", c.port, r.o.pace.grace)
	case st.code != 0:
		r.stopping.Add("with PORT=%s it ends with exit status %d after SIGTERM, want 0", c.port, st.code)
	}
	if flying != nil {
		if err := <-flying; err != nil {
			r.stopping.Add("a request in flight to %s is not finished: %v", r.o.Slow, err)
		}
	}
	return r.logs(ctx, c, st.code == killed)
}

// takeOff has a request in flight, if there is a path that takes long enough.
func (r *run) takeOff(ctx context.Context, c *container) chan error {
	const airborne = 250 * time.Millisecond
	r.stopNote = "no request was in flight: no path is known that takes a while"
	if r.o.Slow == "" {
		return nil
	}
	r.stopNote = r.o.Slow + " answers too soon to be in flight at the stop"
	flying := make(chan error, 1)
	go func() { flying <- fly(ctx, "http://"+c.found+r.o.Slow) }()
	select {
	case err := <-flying:
		if err != nil {
			r.stopNote = r.o.Slow + " gives no answer: " + err.Error()
		}
		return nil
	case <-time.After(airborne):
		r.stopNote = ""
		return flying
	}
}

// fly makes a request and wants a whole answer to it.
func fly(ctx context.Context, url string) error {
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

// logs holds what the container wrote against mozlog.
func (r *run) logs(ctx context.Context, c *container, killed bool) error {
	out, errs, err := c.log(ctx)
	if err != nil {
		r.logUnclear = "the engine does not give the container's output: " + err.Error()
		return ctx.Err()
	}
	for _, stream := range []struct {
		name string
		text *bounded
	}{{"stdout", out}, {"stderr", errs}} {
		n := 0
		for line := range bytes.Lines(stream.text.buffer.Bytes()) {
			n++
			r.lines++
			whole := bytes.HasSuffix(line, []byte("\n"))
			if !whole && (killed || stream.text.cut) {
				continue // it was cut off
			}
			for _, p := range must(line) {
				r.log.Add("with PORT=%s, line %d of %s: %s: %.200q", c.port, n, stream.name, p, bytes.TrimSpace(line))
			}
		}
	}
	return nil
}

// must gives what breaks the contract in a log line.
func must(line []byte) []string {
	var problems []string
	_, found := contract.CheckLine(bytes.TrimRight(line, "\r\n"))
	for _, p := range found {
		if p.Level == contract.Must {
			problems = append(problems, p.String())
		}
	}
	return problems
}
