// Package output is the only package that writes to standard output and standard error. It makes sure that terminals and CI
// runners treat texts from outside the program only as text.
package output

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"github.com/charmbracelet/x/term"
	"github.com/muesli/termenv"

	"dockerflow/generator/glyph"
)

// Stream is standard output or standard error.
type Stream struct {
	w        io.Writer
	terminal *os.File        // or nil
	profile  termenv.Profile // the terminal's colours
	runner   bool            // a CI runner may read the output

	mu      sync.Mutex
	pending string // the incomplete last line of Writer
	err     error  // the first write error
}

// New returns a stream that writes to w. A nil getenv means an empty environment.
func New(w io.Writer, getenv func(string) string) *Stream {
	s := &Stream{w: w, profile: termenv.Ascii}
	if getenv != nil {
		s.profile = termenv.NewOutput(w, termenv.WithEnvironment(variables(getenv))).EnvColorProfile() // NO_COLOR, CLICOLOR, TERM
		for _, name := range []string{"CI", "GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION"} {
			s.runner = s.runner || getenv(name) != ""
		}
	}
	f, ok := w.(*os.File)
	if !ok {
		return s
	}
	if term.IsTerminal(f.Fd()) {
		s.terminal = f
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		s.runner = false // runners read pipes
	}
	return s
}

// Standard returns the standard streams of the process.
func Standard(getenv func(string) string) (out, err *Stream) {
	return New(os.Stdout, getenv), New(os.Stderr, getenv)
}

// variables adapts an environment to termenv.
type variables func(string) string

// Environ implements termenv.Environ. termenv needs only Getenv to detect colours.
func (variables) Environ() []string { return nil }

// Getenv implements termenv.Environ.
func (v variables) Getenv(name string) string { return v(name) }

// Terminal returns the stream's terminal, for code that draws on it, or nil.
func (s *Stream) Terminal() *os.File { return s.terminal }

// Profile returns the colour profile of the stream's terminal.
func (s *Stream) Profile() termenv.Profile { return s.profile }

// Size returns the columns and rows of the stream's terminal, or zeros without a terminal.
func (s *Stream) Size() (columns, rows int) {
	if s.terminal == nil {
		return 0, 0
	}
	columns, rows, err := term.GetSize(s.terminal.Fd())
	if err != nil {
		return 0, 0
	}
	return columns, rows
}

// Line prints a line. The format may contain line breaks; arguments cannot add any.
func (s *Stream) Line(format string, args ...any) { s.text(s.compose(format, args...) + "\n") }

// Note prints a note for the user as one line.
func (s *Stream) Note(format string, args ...any) {
	s.Line("dockerflow: note: %s", fmt.Sprintf(format, args...))
}

// Text prints a text of several lines. It keeps line breaks and tabs.
func (s *Stream) Text(text string) { s.text(cleanLines(text)) }

// Prompt prints the start of a line that the user completes.
func (s *Stream) Prompt(format string, args ...any) { s.text(s.compose(format, args...)) }

// Status replaces the terminal's current line. An empty format erases it.
func (s *Stream) Status(format string, args ...any) {
	s.write("\r\x1b[K" + quietLines(s.compose(format, args...)))
}

// Patch prints a patch unchanged, or with escapes on a terminal. If a CI runner may read the output and the patch contains
// commands, Patch quotes it and returns true: the runner ignores quoted lines, and git refuses to apply them.
func (s *Stream) Patch(patch string) (quoted bool) {
	switch {
	case s.terminal != nil:
		s.Text(patch)
	case s.runner && commands(patch):
		for line := range strings.Lines(patch) {
			s.text("| " + cleanLines(strings.TrimSuffix(line, "\n")) + "\n")
		}
		return true
	default:
		s.write(patch)
	}
	return false
}

// Writer returns a writer for code that prints by itself, such as cobra's help. It prints whole lines, as Text does.
func (s *Stream) Writer() io.Writer { return (*lineWriter)(s) }

type lineWriter Stream

// Write implements io.Writer.
func (w *lineWriter) Write(p []byte) (int, error) {
	text := w.pending + string(p)
	end := strings.LastIndexByte(text, '\n') + 1
	w.pending = text[end:]
	s := (*Stream)(w)
	s.Text(text[:end])
	return len(p), s.err
}

// Close prints the incomplete last line of Writer and returns the first write error.
func (s *Stream) Close() error {
	s.Text(s.pending)
	s.pending = ""
	return s.err
}

func (s *Stream) text(clean string) { s.write(quietLines(clean)) }

func (s *Stream) write(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil && text != "" {
		_, s.err = io.WriteString(s.w, text)
	}
}

// compose cleans each argument, so that only the format can break lines.
func (s *Stream) compose(format string, args ...any) string {
	if false {
		_ = fmt.Sprintf(format, args...) // lets go vet check the calls
	}
	shown := make([]any, len(args))
	for i, arg := range args {
		shown[i] = argument{arg, s.profile != termenv.Ascii}
	}
	return fmt.Sprintf(format, shown...)
}

// argument formats a value and cleans the result.
type argument struct {
	value  any
	colour bool
}

// Format implements fmt.Formatter.
func (a argument) Format(f fmt.State, verb rune) {
	styled, ok := a.value.(Styled)
	if ok {
		a.value = styled.Text
	}
	text := glyph.Line(fmt.Sprintf(fmt.FormatString(f, verb), a.value))
	if a.colour && styled.Style != "" && text != "" {
		text = "\x1b[" + string(styled.Style) + "m" + quietLines(text) + "\x1b[0m"
	}
	_, _ = io.WriteString(f, text)
}

// Style is a colour of the terminal's palette, or bold, as SGR parameters.
type Style string

// The styles of reports.
const (
	Plain  Style = ""
	Red    Style = "1;31"
	Yellow Style = "1;33"
	Green  Style = "1;32"
	Grey   Style = "90"
	Bold   Style = "1"
)

// Styled is an argument of Line that is printed in a style if the stream has colours.
type Styled struct {
	Style Style
	Text  string
}
