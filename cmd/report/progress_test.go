package report

import (
	"bytes"
	"testing"
	"time"

	"dockerflow/cmd/output"
)

func TestProgress(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	now := time.Now()
	p := &progress{w: output.New(&b, nil), on: true, began: now, of: 9}
	p.draw(1, now.Add(progressAfter-1))
	p.wipe()
	p.draw(2, now.Add(progressAfter))
	p.draw(3, now.Add(progressAfter))
	p.wipe()
	p.wipe()
	if want := "\r\x1b[K2 of 9\r\x1b[K3 of 9\r\x1b[K"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
	b.Reset()
	(&progress{w: output.New(&b, nil), began: now}).draw(1, now.Add(time.Hour))
	if b.Len() > 0 {
		t.Errorf("got %q without a terminal", b.String())
	}
}
