package report

import (
	"strings"
	"time"

	"dockerflow/cmd/output"
)

// Row is the result of one row of a batch.
type Row struct {
	Number  int
	Summary string // one line about what was written, or ""
	Made    *Made  // what was written, for JSON
	Said    string // notes, one per line
	Err     error
}

// Batch prints rows in order, each as soon as all rows before it are printed.
type Batch struct {
	out, notes *output.Stream
	asJSON     bool
	waiting    map[int]Row // rows that wait for earlier rows
	next       int
	told       map[string]bool // notes that were printed
	line       *progress
	ticks      *time.Ticker
	list       output.List
	failed     error // the first error of an element
}

// NewBatch starts a report of the given number of rows. With progress, it shows a progress line on notes, which must be a
// terminal.
func NewBatch(out, notes *output.Stream, rows int, progress, asJSON bool) *Batch {
	b := &Batch{out: out, notes: notes, asJSON: asJSON, waiting: map[int]Row{}, told: map[string]bool{}, list: output.List{Stream: out}}
	b.line = newProgress(notes, rows, progress)
	if progress {
		b.ticks = time.NewTicker(progressEvery)
	}
	return b
}

// Ticks returns a channel that receives when Draw is due. It is nil without progress.
func (b *Batch) Ticks() <-chan time.Time {
	if b.ticks == nil {
		return nil
	}
	return b.ticks.C
}

// Draw shows how many rows are done.
func (b *Batch) Draw(done int) { b.line.draw(done, time.Now()) }

// Take accepts the row at index i and prints the rows that are ready.
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

// note prints the notes of a row, and skips notes that were printed before.
func (b *Batch) note(said string) {
	for line := range strings.Lines(said) {
		if !b.told[line] {
			b.told[line] = true
			b.line.wipe()
			b.notes.Text(line)
		}
	}
}

// rowJSON is an element of the list that --json prints.
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

// End ends the report. It returns the first error of printing a row.
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
