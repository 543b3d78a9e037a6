package cmd

import (
	"context"
	"errors"
	"io"

	"dockerflow/generator/contract"
	"dockerflow/generator/failure"
)

// output checks a service's log. It returns when ctx ends, even if the reader still blocks.
func (o *checkOptions) output(ctx context.Context) ([]contract.Result, error) {
	type outcome struct {
		verdict contract.Verdict
		err     error
	}
	done := make(chan outcome, 1)
	go func() {
		in := o.env.In
		if o.log != "-" {
			f, err := openGiven(o.env.FS, o.log)
			if err != nil {
				done <- outcome{err: err}
				return
			}
			defer f.Close()
			in = f
		}
		seen := &faults{Reader: in}
		v := contract.CheckLog(seen)
		done <- outcome{v, seen.err}
	}()
	select {
	case <-ctx.Done():
		return nil, errChecking
	case r := <-done:
		if r.err != nil {
			return nil, failure.New("name a file with the service's output, or - for standard input", "--log: %w", r.err)
		}
		return contract.Only("L8", r.verdict), nil
	}
}

// faults is a reader that records the first error other than io.EOF.
type faults struct {
	io.Reader
	err error
}

// Read implements io.Reader.
func (f *faults) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		f.err = err
	}
	return n, err
}
