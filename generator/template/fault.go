package template

import "fmt"

// fault is something that is wrong with a manifest.
type fault struct {
	where []any // where it is: keys and indexes from the manifest's top
	err   error
}

type faults []fault

// where is a place in a manifest.
func where(steps ...any) []any { return steps }

func (f *faults) add(where []any, format string, args ...any) {
	*f = append(*f, fault{where, fmt.Errorf(format, args...)})
}

// first is the first one as an error.
func (f faults) first() error {
	if len(f) == 0 {
		return nil
	}
	return f[0].err
}
