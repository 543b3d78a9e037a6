package cmd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// reporter prints outcomes in the order of the rows, as soon as that is possible.
type reporter struct {
	*batch
	ready   []bool
	next    int
	told    map[string]bool // notes
	line    *progress
	ticks   <-chan time.Time
	stop    func()
	failed  error // of the output
	printed int   // elements of JSON
}

func (b *batch) reporter() *reporter {
	r := &reporter{batch: b, ready: make([]bool, len(b.jobs)), told: map[string]bool{}, stop: func() {}}
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
			r.print("%s\n", j.summary)
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
			_, _ = io.WriteString(r.env.Err, line)
		}
	}
}

// jsonRow is an element of what --json prints.
type jsonRow struct {
	Row int `json:"row"`
	*jsonReport
	Error string `json:"error,omitempty"`
}

func (r *reporter) element(j *job) {
	e := jsonRow{Row: j.number, jsonReport: j.report}
	if j.err != nil {
		e.Error = j.err.Error()
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("  ", "  ")
	if err := enc.Encode(e); err != nil {
		r.failed = err
		return
	}
	before := ",\n  "
	if r.printed++; r.printed == 1 {
		before = "[\n  "
	}
	r.print("%s%s", before, bytes.TrimRight(b.Bytes(), "\n"))
}

func (r *reporter) print(format string, args ...any) {
	r.line.wipe()
	if _, err := fmt.Fprintf(r.env.Out, format, args...); err != nil && r.failed == nil {
		r.failed = err
	}
}

func (r *reporter) end() {
	r.stop()
	r.line.wipe()
	if !r.asJSON {
		return
	}
	if r.printed == 0 {
		r.print("[]\n")
		return
	}
	r.print("\n]\n")
}
