package report

import (
	"strings"
	"time"

	"dockerflow/cmd/output"
)

// Row is what has become of a row of a batch.
type Row struct {
	Number  int
	Summary string // of what was written, or ""
	Made    *Made  // the same for JSON
	Said    string // notes, a line each
	Err     error
}

// Batch prints rows in their order, as soon as that is possible.
type Batch struct {
	out, notes *output.Stream
	asJSON     bool
	waiting    map[int]Row // for those before them
	next       int
	told       map[string]bool // notes
	line       *progress
	ticks      *time.Ticker
	list       output.List
	failed     error // of an element
}

// NewBatch starts the report of as many rows. With progress, it keeps a line in the stream of notes, which is a terminal.
func NewBatch(out, notes *output.Stream, rows int, progress, asJSON bool) *Batch {
	b := &Batch{out: out, notes: notes, asJSON: asJSON, waiting: map[int]Row{}, told: map[string]bool{}, list: output.List{Stream: out}}
	b.line = newProgress(notes, rows, progress)
	if progress {
		b.ticks = time.NewTicker(progressEvery)
	}
	return b
}

// Ticks receives when Draw is due. It is nil without progress.
func (b *Batch) Ticks() <-chan time.Time {
	if b.ticks == nil {
		return nil
	}
	return b.ticks.C
}

// Draw shows how many rows are done.
func (b *Batch) Draw(done int) { b.line.draw(done, time.Now()) }

// Take takes the row at index i, and prints all that is next.
func (b *Batch) Take(i int, r Row) {
	b.waiting[i] = r
	for {
		r, ready := b.waiting[b.next]
		if !ready {
			return
		}
		delete(b.waiting, b.next)
		b.next++
		b.print(r)
	}
}

func (b *Batch) print(r Row) {
	b.note(r.Said)
	switch {
	case b.asJSON:
		b.element(r)
	case r.Summary != "":
		b.line.wipe()
		b.out.Line("%s", r.Summary)
	}
}

// note prints what a row had to say, and what many say once.
func (b *Batch) note(said string) {
	for line := range strings.Lines(said) {
		if !b.told[line] {
			b.told[line] = true
			b.line.wipe()
			b.notes.Text(line)
		}
	}
}

// rowJSON is an element of what --json prints.
type rowJSON struct {
	Row int `json:"row"`
	*Made
	Error string `json:"error,omitempty"`
}

func (b *Batch) element(r Row) {
	e := rowJSON{Row: r.Number, Made: r.Made}
	if r.Err != nil {
		e.Error = r.Err.Error()
	}
	b.line.wipe()
	if err := b.list.Add(e); err != nil && b.failed == nil {
		b.failed = err
	}
}

// End ends the report, and returns the first error that a row had in it.
func (b *Batch) End() error {
	if b.ticks != nil {
		b.ticks.Stop()
	}
	b.line.wipe()
	if b.asJSON {
		b.list.End()
	}
	return b.failed
}
