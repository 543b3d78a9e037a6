package budget

import (
	"context"
	"errors"
	"testing"
)

func TestWorkEndsAtItsLimit(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		what  string
		spend func(*Budget)
	}{
		{"steps", func(b *Budget) { b.Steps(1) }},
		{"bytes", func(b *Budget) { b.Bytes(1) }},
		{"findings", func(b *Budget) { b.Findings(1) }},
	} {
		b := New(t.Context(), Limits{Steps: 10, Bytes: 10, Findings: 10})
		done := 0
		err := b.Do(func() {
			for range 100 {
				test.spend(b)
				done++
			}
		})
		var exceeded *ExceededError
		if !errors.As(err, &exceeded) || exceeded.What != test.what || exceeded.Limit != 10 {
			t.Errorf("%s: got %v", test.what, err)
		}
		if used := b.Used(); used.Steps+used.Bytes+used.Findings != 11 {
			t.Errorf("%s: used %+v", test.what, used)
		}
		if done != 10 {
			t.Errorf("%s: %d steps done, want 10", test.what, done)
		}
		if !Exceeded(err) {
			t.Errorf("%s: Exceeded(%v) is false", test.what, err)
		}
	}
}

func TestZeroLimitsAndNilBudgetsAreEndless(t *testing.T) {
	t.Parallel()
	for _, b := range []*Budget{nil, New(t.Context(), Limits{})} {
		if err := b.Do(func() { b.Steps(1 << 40); b.Bytes(1 << 40); b.Findings(1 << 40) }); err != nil {
			t.Error(err)
		}
	}
}

func TestWorkEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	b := New(ctx, Limits{})
	err := b.Do(func() {
		for i := 0; ; i++ {
			if i == 10 {
				cancel()
			}
			if i > 10+2*pollEvery {
				return
			}
			b.Steps(1)
		}
	})
	if !errors.Is(err, context.Canceled) || Exceeded(err) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if err := b.Do(func() { t.Error("work begins after its context has ended") }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestOtherPanicsPass(t *testing.T) {
	t.Parallel()
	defer func() {
		if r := recover(); r != "other" {
			t.Errorf("recovered %v", r)
		}
	}()
	_ = New(t.Context(), Limits{}).Do(func() { panic("other") })
}
