package report

import (
	"time"

	"dockerflow/cmd/output"
)

// The progress line appears after a delay and is redrawn at an interval.
const (
	progressAfter = time.Second
	progressEvery = 100 * time.Millisecond
)

// progress is a line on a terminal that shows the progress of a run.
type progress struct {
	w     *output.Stream
	on    bool
	began time.Time
	of    int
	drawn bool
}

func newProgress(w *output.Stream, of int, on bool) *progress {
	return &progress{w: w, on: on, began: time.Now(), of: of}
}

func (p *progress) draw(n int, now time.Time) {
	if !p.on || now.Sub(p.began) < progressAfter {
		return
	}
	p.w.Status("%d of %d", n, p.of)
	p.drawn = true
}

// wipe erases the line to make room for others. The next draw shows it again.
func (p *progress) wipe() {
	if p.drawn {
		p.w.Status("")
		p.drawn = false
	}
}
