// Package output writes to standard output and standard error, and nothing else in the program does. Texts from outside
// the program reach neither a terminal nor a CI runner as anything but text.
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
	profile  termenv.Profile // its colours
	runner   bool            // a CI runner may read what is written

	mu      sync.Mutex
	pending string // the line that Writer was given a part of
	err     error  // the first that a write had
}

// New makes a stream of w. A nil getenv knows no variable.
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
		s.runner = false // it reads pipes
	}
	return s
}

// Standard makes the streams of the process.
func Standard(getenv func(string) string) (out, err *Stream) {
	return New(os.Stdout, getenv), New(os.Stderr, getenv)
}

// variables is an environment as termenv wants it.
type variables func(string) string

// Environ implements termenv.Environ. Colours are found by the names of variables alone.
func (variables) Environ() []string { return nil }

// Getenv implements termenv.Environ.
func (v variables) Getenv(name string) string { return v(name) }

// Terminal returns the terminal that the stream leads to, for what draws on it, or nil.
func (s *Stream) Terminal() *os.File { return s.terminal }

// Profile returns the colours of the stream's terminal.
func (s *Stream) Profile() termenv.Profile { return s.profile }

// Size returns the columns and rows of the stream's terminal, or zeros.
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

// Line prints a line. The format may have line breaks of its own; each argument stays within its line.
func (s *Stream) Line(format string, args ...any) { s.text(s.compose(format, args...) + "\n") }

// Note prints a line for the user beside a report. All of it stays within the line.
func (s *Stream) Note(format string, args ...any) {
	s.Line("dockerflow: note: %s", fmt.Sprintf(format, args...))
}

// Text prints a text of several lines. Its line breaks and tabs stay.
func (s *Stream) Text(text string) { s.text(cleanLines(text)) }

// Prompt prints the start of a line that the user ends.
func (s *Stream) Prompt(format string, args ...any) { s.text(s.compose(format, args...)) }

// Status replaces the line that the cursor is in, on a terminal. An empty format erases it.
func (s *Stream) Status(format string, args ...any) {
	s.write("\r\x1b[K" + quietLines(s.compose(format, args...)))
}

// Patch prints a patch: exactly, or with escapes on a terminal. If a CI runner reads it and would find commands in it,
// Patch quotes it and reports true: the runner ignores what is quoted, and git refuses to apply it.
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

// Writer returns a writer for what prints by itself, such as help. It prints its lines like Text.
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

// Close prints what Writer holds back, and returns the first error of all writes.
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

// compose cleans each argument by itself, so that only the format breaks lines.
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

// argument cleans what its verb makes of a value.
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

// Style is a colour of the terminal's own palette, or bold, as the parameters of SGR.
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

// Styled is an argument of Line that is shown in a style, where the stream has colours.
type Styled struct {
	Style Style
	Text  string
}
