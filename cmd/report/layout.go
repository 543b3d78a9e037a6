package report

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"dockerflow/cmd/output"
	"dockerflow/generator/contract"
	"dockerflow/generator/glyph"
)

func newTextReport(out *output.Stream, c *Check, verbose bool) *textReport {
	r := &textReport{out: out, c: c, verbose: verbose}
	if columns, _ := out.Size(); columns > 0 {
		r.width = min(max(columns, 40), 120)
	}
	return r
}

// line prints an indented text, wrapped at the terminal's width. Longer words stay whole.
func (r *textReport) line(style output.Style, indent int, s string) {
	s = glyph.Line(s)
	if r.width > 0 {
		s = wrap(s, r.width-indent)
	}
	for part := range strings.SplitSeq(s, "\n") {
		r.out.Line("%s%s", strings.Repeat(" ", indent), output.Styled{Style: style, Text: part})
	}
}

// wrap breaks lines only at spaces, so that a flag or a path stays whole.
func wrap(s string, width int) string {
	var b strings.Builder
	at := 0
	for i, word := range strings.Split(s, " ") {
		w := ansi.StringWidth(word)
		switch {
		case i > 0 && at+1+w > width && word != "":
			b.WriteByte('\n')
			at = 0
		case i > 0:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += w
	}
	return b.String()
}

func (r *textReport) blank() { r.out.Line("") }

// title prints a line that starts with a styled heading.
func (r *textReport) title(style output.Style, says, more string) {
	r.out.Line("%s%s", output.Styled{Style: style, Text: says}, more)
}

// head prints a rule's first line. style colours its state.
func (r *textReport) head(style output.Style, word string, j contract.Judgement) {
	state, start := fmt.Sprintf("%-4s", word), "  "
	if word != j.ID {
		start += fmt.Sprintf("%-3s  ", j.ID)
	}
	start += fmt.Sprintf("%-6s  ", j.Level)
	indent := len(state) + len(start)
	says := j.Says
	if r.width > 0 {
		says = wrap(says, max(r.width-indent, 20))
	}
	first, rest, more := strings.Cut(says, "\n")
	r.out.Line("%s%s%s", output.Styled{Style: style, Text: state}, start, output.Styled{Style: output.Bold, Text: first})
	for more {
		first, rest, more = strings.Cut(rest, "\n")
		r.out.Line("%s%s", strings.Repeat(" ", indent), output.Styled{Style: output.Bold, Text: first})
	}
}
