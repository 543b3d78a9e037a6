package cmd

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	"github.com/muesli/termenv"

	"dockerflow/generator/spec"
)

// paint is a colour of the terminal's own palette, as the parameters of SGR.
type paint string

const (
	red    paint = "1;31"
	yellow paint = "1;33"
	green  paint = "1;32"
	grey   paint = "90"
	bold   paint = "1"
)

func newTextReport(w io.Writer, c *checked, verbose bool) *textReport {
	r := &textReport{w: bufio.NewWriter(w), c: c, verbose: verbose}
	if f, ok := w.(*os.File); ok {
		r.colour = termenv.NewOutput(f).EnvColorProfile() != termenv.Ascii // looks at NO_COLOR, CLICOLOR and TERM
		if columns, _, err := term.GetSize(f.Fd()); err == nil && columns > 0 {
			r.width = min(max(columns, 40), 120)
		}
	}
	return r
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(f.Fd())
}

func (r *textReport) paint(p paint, s string) string {
	if !r.colour || s == "" {
		return s
	}
	return "\x1b[" + string(p) + "m" + s + "\x1b[0m"
}

// line prints a text that is indented, and broken where the terminal ends. Words that are longer stay whole.
func (r *textReport) line(p paint, indent int, s string) {
	s = plain(s)
	if r.width > 0 {
		s = wrap(s, r.width-indent)
	}
	for part := range strings.SplitSeq(s, "\n") {
		fmt.Fprintln(r.w, strings.Repeat(" ", indent)+r.paint(p, part))
	}
}

// wrap breaks lines at spaces alone: a flag or a path stays in one piece.
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

func (r *textReport) blank() { fmt.Fprintln(r.w) }

// head prints a rule's first line, with its state in its colour.
func (r *textReport) head(p paint, word string, j spec.Judgement) {
	start := fmt.Sprintf("%-4s  ", word)
	if word != j.ID {
		start += fmt.Sprintf("%-3s  ", j.ID)
	}
	start += fmt.Sprintf("%-6s  ", j.Level)
	says := j.Says
	if r.width > 0 {
		says = wrap(says, max(r.width-len(start), 20))
	}
	says = strings.ReplaceAll(says, "\n", "\n"+strings.Repeat(" ", len(start)))
	fmt.Fprintf(r.w, "%s%s%s\n", r.paint(p, start[:4]), start[4:], r.paint(bold, says))
}
