package contract

import (
	"fmt"
	"strings"
)

// Limits on the findings of a rule and the length of each text. Further findings are counted.
const (
	maxKept = 100
	maxText = 500
)

// findings collects distinct findings. It keeps the first ones and counts the others.
type findings struct {
	kept []Finding
	seen map[Finding]bool
	more int
}

func (f *findings) add(path string, line int, format string, args ...any) {
	if len(f.kept) == maxKept {
		f.more++
		return
	}
	one := Finding{path, line, short(fmt.Sprintf(format, args...))}
	if f.seen[one] {
		return
	}
	if f.seen == nil {
		f.seen = map[Finding]bool{}
	}
	f.seen[one] = true
	f.kept = append(f.kept, one)
}

// all returns the findings for a verdict.
func (f *findings) all() []Finding {
	if f.more == 0 {
		return f.kept
	}
	return append(f.kept, andMore(f.more))
}

func andMore(n int) Finding { return Finding{Text: fmt.Sprintf("and %d more", n)} }

// bounded limits a verdict to a size that reports can show.
func (v Verdict) bounded() Verdict {
	v.Note = short(v.Note)
	if more := len(v.Findings) - maxKept; more > 1 { // one more may be andMore itself
		v.Findings = append(v.Findings[:maxKept:maxKept], andMore(more))
	}
	for i := range v.Findings {
		v.Findings[i].Text = short(v.Findings[i].Text)
	}
	return v
}

// short returns s as valid text of limited length.
func short(text string) string {
	text = strings.ToValidUTF8(text, "?")
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "") + "…"
	}
	return text
}

// unique drops findings that stages share.
func unique(all []Finding) []Finding {
	var one []Finding
	seen := map[Finding]bool{}
	for _, f := range all {
		if !seen[f] {
			seen[f] = true
			one = append(one, f)
		}
	}
	return one
}
