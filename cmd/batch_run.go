package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"

	"dockerflow/cmd/output"
	"dockerflow/cmd/report"
	"dockerflow/generator/failure"
)

// outcome is the result of a row.
type outcome struct {
	done  bool  // the service is complete
	err   error // why it is not
	shown report.Row
}

// errNotBegun is the error of rows that an interrupt left out.
var errNotBegun = errors.New("not started")

// run generates the services, one per processor at a time, and reports them in the order of the rows.
func (b *batch) run(ctx context.Context) error {
	ready := make(chan int, len(b.jobs))
	var next atomic.Int64
	for range min(runtime.GOMAXPROCS(0), len(b.jobs)) {
		go func() {
			for i := int(next.Add(1)) - 1; i < len(b.jobs); i = int(next.Add(1)) - 1 {
				b.work(ctx, b.jobs[i])
				ready <- i
			}
		}()
	}
	r := report.NewBatch(b.env.Out, b.env.Err, len(b.jobs), b.env.Progress, b.asJSON)
	for n := 0; n < len(b.jobs); {
		select {
		case i := <-ready:
			n++
			r.Take(i, b.jobs[i].shownRow())
		case <-r.Ticks():
			r.Draw(n)
		}
	}
	failed := r.End()
	err := b.verdict(ctx)
	if failed != nil {
		return failure.New("", "write the report: %w", failed)
	}
	return err
}

// shownRow returns the row for the report and releases its memory.
func (j *job) shownRow() report.Row {
	r := j.shown
	r.Number, r.Err = j.number, j.err
	j.shown = report.Row{}
	return r
}

// work generates one service. A service that was started is finished or rolled back.
func (b *batch) work(ctx context.Context, j *job) {
	switch {
	case j.err != nil:
	case ctx.Err() != nil:
		j.err = errNotBegun
	default:
		said := &bytes.Buffer{}
		m := b.maker
		m.env.Err = output.New(said, nil)
		if err := b.serve(ctx, &m, j); err != nil {
			j.err = b.explain(j, nil, err)
		}
		j.done, j.shown.Said = j.err == nil, said.String()
	}
	j.answers = nil
}

// serve generates the service of a row.
func (b *batch) serve(ctx context.Context, m *maker, j *job) error {
	p, err := m.plan(j.template, j.answers, j.dir)
	if err != nil {
		return err
	}
	conflicts, err := m.write(ctx, p)
	if err != nil {
		return err
	}
	if b.asJSON {
		j.shown.Made = m.made(p).Made()
	}
	if len(conflicts) > 0 {
		var names []string
		for _, c := range conflicts {
			names = append(names, c.Path)
		}
		f := m.conflictError(conflicts)
		return &failure.Error{Code: f.Code, Err: fmt.Errorf("%s: %w: %s", p.plan.Dir, f.Err, failure.List(names)), Hint: f.Hint}
	}
	j.shown.Summary = m.made(p).Summary()
	return m.commit(context.WithoutCancel(ctx), p)
}

// verdict prints all errors in the order of the rows, and returns an error with their number.
func (b *batch) verdict(ctx context.Context) error {
	code, done, hint := failure.OK, 0, ""
	for _, j := range b.jobs {
		if j.done {
			done++
			continue
		}
		f := &failure.Error{Code: failure.Failed}
		if errors.Is(j.err, errNotBegun) || !errors.As(j.err, &f) {
			continue
		}
		code = max(code, f.Code)
		said := hint
		if hint = f.Hint; hint == said {
			b.env.complain(j.err, "")
		} else {
			b.env.complain(j.err, hint)
		}
	}
	switch {
	case done == len(b.jobs):
		return nil
	case ctx.Err() != nil:
		return &failure.Error{Code: failure.Interrupted, Err: fmt.Errorf("interrupted: %d of %d rows done", done, len(b.jobs)), Hint: ""}
	}
	return &failure.Error{Code: code, Err: fmt.Errorf("%d of %d rows failed", len(b.jobs)-done, len(b.jobs)), Hint: ""}
}
