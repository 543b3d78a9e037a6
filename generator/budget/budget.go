// Package budget limits the cost of one piece of work: its steps, its memory, its findings, and its time, through a
// context.
//
// Code that loops over untrusted input calls Steps in each loop. Steps returns no error: if a limit is exceeded, it
// panics and Do recovers, as in text/template/parse.
package budget

import (
	"context"
	"errors"
	"fmt"
)

// Limits are the limits of one piece of work. Zero means no limit.
type Limits struct {
	Steps    int // of an inner loop; each takes 10 to 100 nanoseconds
	Bytes    int // kept in memory for the work
	Findings int // to be reported
}

// Budget tracks what is left of the Limits. A nil Budget has no limits. It is not safe for concurrent use.
type Budget struct {
	ctx    context.Context
	limits Limits
	used   Limits
	polled int // steps since the context was last checked
}

// New returns a budget that also ends when ctx ends.
func New(ctx context.Context, limits Limits) *Budget {
	return &Budget{ctx: ctx, limits: limits}
}

// ExceededError reports the limit that was exceeded.
type ExceededError struct {
	What  string // "steps", "bytes" or "findings"
	Limit int
}

func (e *ExceededError) Error() string {
	return fmt.Sprintf("it takes more than %d %s", e.Limit, e.What)
}

// pollEvery is the number of steps between two checks of the context: some tens of microseconds.
const pollEvery = 1024

// stop is what Steps, Bytes and Findings panic with, and Do recovers.
type stop struct{ err error }

// Steps counts n steps. It ends the surrounding Do if the limit is exceeded or the context is done.
func (b *Budget) Steps(n int) {
	if b == nil {
		return
	}
	b.spend(&b.used.Steps, n, b.limits.Steps, "steps")
	if b.polled += n; b.polled >= pollEvery {
		b.polled = 0
		if err := b.ctx.Err(); err != nil {
			panic(stop{err})
		}
	}
}

// Bytes counts n bytes that the work keeps.
func (b *Budget) Bytes(n int) {
	if b != nil {
		b.spend(&b.used.Bytes, n, b.limits.Bytes, "bytes")
	}
}

// Findings counts n findings.
func (b *Budget) Findings(n int) {
	if b != nil {
		b.spend(&b.used.Findings, n, b.limits.Findings, "findings")
	}
}

// Used returns what the work has used so far.
func (b *Budget) Used() Limits { return b.used }

// Stop ends the surrounding Do with err. Use it for a limit that is counted elsewhere. Without a budget it panics with
// err.
func (b *Budget) Stop(err error) {
	if b == nil {
		panic(err)
	}
	panic(stop{err})
}

func (b *Budget) spend(used *int, n, limit int, what string) {
	*used += n
	if limit > 0 && *used > limit {
		panic(stop{&ExceededError{what, limit}})
	}
}

// Do runs work and returns the error that ended it: an *ExceededError or the error of the context. Other panics
// propagate.
func (b *Budget) Do(work func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case stop:
			err = r.err
		default:
			panic(r)
		}
	}()
	if b != nil {
		if err := b.ctx.Err(); err != nil {
			return err
		}
	}
	work()
	return nil
}

// Exceeded reports whether err is due to a limit, and not to the end of the context.
func Exceeded(err error) bool {
	var e *ExceededError
	return errors.As(err, &e)
}
