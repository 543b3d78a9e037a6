package contract

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Judgement is a result with the exceptions that the project accepts.
type Judgement struct {
	Result
	Ignored string    // the project's reason not to follow the rule, if it gives one
	Known   []Finding // findings that the baseline contains; Findings has the others
}

// Fails reports whether the rule counts as broken.
func (j Judgement) Fails() bool {
	return j.Status == Fail && j.Ignored == "" && (len(j.Findings) > 0 || len(j.Known) == 0)
}

// Known is a finding as a baseline stores it: without its line, because lines move.
type Known struct {
	Rule  string `json:"rule"`
	Path  string `json:"path,omitempty"`
	Text  string `json:"text"`
	Count int    `json:"count,omitempty"` // the number of occurrences, if more than one
}

// Baseline is the list of accepted findings, which no longer fail a check.
type Baseline []Known

// baselineFile is the stored form of a baseline.
type baselineFile struct {
	Version  int      `json:"dockerflow_baseline"` // identifies the file as a baseline
	Findings Baseline `json:"findings"`
}

// NewBaseline returns a baseline of all findings.
func NewBaseline(results []Result) Baseline {
	b := Baseline{}
	for _, r := range results {
		for _, f := range r.Findings {
			b = append(b, Known{r.ID, f.Path, f.Text, 0})
		}
	}
	slices.SortFunc(b, Known.compare)
	return b.counted()
}

func (k Known) compare(other Known) int {
	return cmp.Or(cmp.Compare(k.Rule, other.Rule), cmp.Compare(k.Path, other.Path), cmp.Compare(k.Text, other.Text))
}

// counted merges equal entries.
func (b Baseline) counted() Baseline {
	var all Baseline
	for _, k := range b {
		if last := len(all) - 1; last >= 0 && all[last].compare(k) == 0 {
			all[last].Count = max(all[last].Count, 1) + 1
			continue
		}
		all = append(all, k)
	}
	return all
}

// Format returns the baseline as the text of a file.
func (b Baseline) Format() ([]byte, error) {
	if b == nil {
		b = Baseline{}
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(baselineFile{1, b})
	return out.Bytes(), err
}

// ReadBaseline reads what Format wrote.
func ReadBaseline(data []byte) (Baseline, error) {
	var file baselineFile
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("it is not a baseline: %w", err)
	}
	switch {
	case file.Version == 0:
		return nil, errors.New("it is not a baseline")
	case file.Version > 1:
		return nil, fmt.Errorf("baseline version %d is not supported: want version 1", file.Version)
	}
	return file.Findings, nil
}

// Accept separates the findings that the project ignores or its baseline contains. An entry of the baseline is gone if
// its rule was decided and the finding was not found again.
func Accept(results []Result, ignore map[string]string, known Baseline) (judged []Judgement, gone Baseline) {
	left := map[Known]int{}
	for _, k := range known {
		left[Known{k.Rule, k.Path, k.Text, 0}] += max(k.Count, 1)
	}
	decided := map[string]bool{}
	for _, r := range results {
		decided[r.ID] = r.Status != NotCheckable
		j := Judgement{Result: r, Ignored: ignore[r.ID]}
		j.Findings = nil
		for _, f := range r.Findings {
			k := Known{r.ID, f.Path, f.Text, 0}
			if left[k] > 0 {
				left[k]--
				j.Known = append(j.Known, f)
				continue
			}
			j.Findings = append(j.Findings, f)
		}
		judged = append(judged, j)
	}
	for k, n := range left {
		if is, ours := decided[k.Rule]; n > 0 && (is || !ours) {
			if n > 1 {
				k.Count = n
			}
			gone = append(gone, k)
		}
	}
	slices.SortFunc(gone, Known.compare)
	return judged, gone
}
