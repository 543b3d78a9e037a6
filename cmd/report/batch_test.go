package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"

	"dockerflow/cmd/output"
)

// rows passes rows to a batch in reverse order and returns what it printed after each.
func rows(t *testing.T, asJSON bool, all ...Row) (printed []string, said string) {
	t.Helper()
	var out, notes bytes.Buffer
	b := NewBatch(output.New(&out, nil), output.New(&notes, nil), len(all), false, asJSON)
	for i := len(all) - 1; i >= 0; i-- {
		b.Take(i, all[i])
		printed = append(printed, out.String())
	}
	if err := b.End(); err != nil {
		t.Error(err)
	}
	return append(printed, out.String()), notes.String()
}

func TestBatchPrintsInTheOrderOfTheRows(t *testing.T) {
	t.Parallel()
	printed, said := rows(t, false,
		Row{Number: 1, Summary: "one", Said: "note a\n"},
		Row{Number: 2, Err: errors.New("two"), Said: "note b\nnote a\n"},
		Row{Number: 3, Summary: "three", Said: "note b\n"},
	)
	if printed[0] != "" || printed[1] != "" || printed[2] != "one\nthree\n" || printed[3] != printed[2] {
		t.Errorf("printed %q", printed)
	}
	if said != "note a\nnote b\n" {
		t.Errorf("said %q: want each note once", said)
	}
}

func TestBatchIsAListInJSON(t *testing.T) {
	t.Parallel()
	printed, _ := rows(t, true, Row{Number: 1, Made: &Made{Dir: "one"}}, Row{Number: 2, Err: errors.New("two")})
	var got []struct {
		Row        int
		Dir, Error string
	}
	if err := json.Unmarshal([]byte(printed[2]), &got); err != nil || printed[0] != "" {
		t.Fatalf("%v: %q", err, printed)
	}
	if len(got) != 2 || got[0].Row != 1 || got[0].Dir != "one" || got[0].Error != "" || got[1].Row != 2 || got[1].Dir != "" || got[1].Error != "two" {
		t.Errorf("%+v", got)
	}
}
