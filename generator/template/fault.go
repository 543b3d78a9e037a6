package template

import "fmt"

// fault is an error in a manifest.
type fault struct {
	where []any // the keys and indexes that lead to it from the top of the manifest
	err   error
}

type faults []fault

// where is a place in a manifest.
func where(steps ...any) []any { return steps }

func (f *faults) add(where []any, format string, args ...any) {
	*f = append(*f, fault{where, fmt.Errorf(format, args...)})
}

// first returns the first fault as an error.
func (f faults) first() error {
	if len(f) == 0 {
		return nil
	}
	return f[0].err
}
