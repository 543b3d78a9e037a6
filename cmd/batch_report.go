package cmd

import (
	"strings"
	"time"

	"dockerflow/cmd/output"
	"dockerflow/cmd/report"
)

// reporter prints outcomes in the order of the rows, as soon as that is possible.
type reporter struct {
	*batch
	ready  []bool
	next   int
	told   map[string]bool // notes
	line   *progress
	ticks  <-chan time.Time
	stop   func()
	list   output.List
	failed error // of an element
}

func (b *batch) reporter() *reporter {
	r := &reporter{batch: b, ready: make([]bool, len(b.jobs)), told: map[string]bool{}, stop: func() {}, list: output.List{Stream: b.env.Out}}
	r.line = &progress{w: b.env.Err, on: b.env.Progress, began: time.Now(), of: len(b.jobs)}
	if b.env.Progress {
		t := time.NewTicker(progressEvery)
		r.ticks, r.stop = t.C, t.Stop
	}
	return r
}

func (r *reporter) draw(n int) { r.line.draw(n, time.Now()) }

// take prints all that is next.
func (r *reporter) take(i int) {
	for r.ready[i] = true; r.next < len(r.jobs) && r.ready[r.next]; r.next++ {
		j := r.jobs[r.next]
		r.notes(j)
		switch {
		case r.asJSON:
			r.element(j)
		case j.summary != "":
			r.line.wipe()
			r.env.Out.Line("%s", j.summary)
		}
		j.report, j.said, j.summary = nil, nil, ""
	}
}

// notes prints what a row had to say, and what many say once.
func (r *reporter) notes(j *job) {
	if j.said == nil {
		return
	}
	for line := range strings.Lines(j.said.String()) {
		if !r.told[line] {
			r.told[line] = true
			r.line.wipe()
			r.env.Err.Text(line)
		}
	}
}

// jsonRow is an element of what --json prints.
type jsonRow struct {
	Row int `json:"row"`
	*report.Made
	Error string `json:"error,omitempty"`
}

func (r *reporter) element(j *job) {
	e := jsonRow{Row: j.number, Made: j.report}
	if j.err != nil {
		e.Error = j.err.Error()
	}
	r.line.wipe()
	if err := r.list.Add(e); err != nil && r.failed == nil {
		r.failed = err
	}
}

func (r *reporter) end() {
	r.stop()
	r.line.wipe()
	if r.asJSON {
		r.list.End()
	}
}
