//go:build unix

package cmd

import (
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

var goFiles = []string{"api/.dockerflow.yaml", "api/README.md", "api/bin/run", "api/circle.yml", "api/go.mod", "api/main.go"}

// answer fills in the form for a Go service named api, up to the last question.
func (tm *terminal) answer() {
	tm.t.Helper()
	tm.asks("Template", "\r")
	tm.asks("Service name", "api\r")
	tm.asks("Description", "\r")
	tm.asks("Owner", "acme\r")
	tm.sees("> acme/api")
	for _, question := range []string{"Image", "Continuous integration", "Module path", "Port"} {
		tm.asks(question, "\r")
	}
	tm.sees("Write the service?")
	tm.sees("> Write them")
}

func TestTerminalForm(t *testing.T) {
	t.Parallel()
	tm := setup{}.start(t, "new", "--no-git")
	tm.answer()
	tm.types("\r")
	tm.exits(0)
	tm.sane()
	tm.wrote(goFiles...)
	for _, want := range []string{"api: 6 files written", "cd api", "dockerflow new api --template go --name api --owner acme --no-git --yes"} {
		tm.sees(want)
	}
	if strings.Contains(tm.screen.String(), "Write the service?") {
		t.Errorf("the form is left on the screen:\n%s", tm.screen.String())
	}
}

// However the user leaves, no files remain and the terminal is restored.
func TestTerminalLeaving(t *testing.T) {
	t.Parallel()
	signalled := func(s os.Signal) func(*terminal) { return func(tm *terminal) { tm.signal(s) } }
	ways := map[string]func(*terminal){
		"Ctrl-C":  func(tm *terminal) { tm.types("\x03") },
		"Esc":     func(tm *terminal) { tm.types("\x1b") },
		"SIGINT":  signalled(syscall.SIGINT),
		"SIGTERM": signalled(syscall.SIGTERM),
		"SIGHUP":  signalled(syscall.SIGHUP),
	}
	for name, leave := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tm := setup{}.start(t, "new")
			tm.answer()
			leave(tm)
			tm.exits(130)
			tm.sane()
			tm.wrote()
			if want := "interrupted: nothing was written"; !strings.Contains(tm.raw.String(), want) {
				t.Errorf("it did not say %q", want)
			}
		})
		if name == "Esc" {
			continue // is an ordinary character in a line
		}
		t.Run(name+" from lines", func(t *testing.T) {
			t.Parallel()
			tm := setup{env: []string{"TERM=dumb"}}.start(t, "new")
			tm.prompts("Template [go]", "\r")
			tm.prompts("Service name [hello]", "")
			leave(tm)
			tm.exits(130)
			tm.sane()
			tm.wrote()
		})
	}
}

// When the window closes, no files and no processes remain. Nobody sees the exit code.
func TestTerminalHangUp(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"xterm-256color", "dumb"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tm := setup{env: []string{"TERM=" + name}}.start(t, "new")
			tm.sees("Template")
			tm.line.Close()
			tm.keyboard.Close()
			if tm.ends() == 0 {
				t.Error("exit 0")
			}
			tm.wrote()
		})
	}
}

// The program sends the terminal no queries: Bubble Tea would ask for colours and wait seconds for an answer.
func TestTerminalIsAskedNothing(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "dockerflow")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./dockerflow")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ends := map[string]func(*terminal){
		"version":   func(tm *terminal) { tm.exits(0) },
		"templates": func(tm *terminal) { tm.exits(0) },
	}
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} { // main handles each
		ends["new "+s.String()] = func(tm *terminal) {
			tm.asks("Template", "\r")
			tm.asks("Service name", "")
			tm.signal(s)
			tm.exits(130)
		}
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command, _, _ := strings.Cut(name, " ")
			tm := setup{program: program, silent: true}.start(t, command)
			end(tm)
			tm.sane()
			tm.wrote()
			if query := queries.FindString(tm.raw.String()); query != "" {
				t.Errorf("it asked %q", query)
			}
		})
	}
}

// queries matches the sequences that a terminal answers: for a colour, its position, its state, its kind, its modes.
var queries = regexp.MustCompile(`\x1b\][0-9;]+\?|\x1b\[[0-9;?>=]*(?:n|c|\$p)|\x1bP`)

var (
	colours = regexp.MustCompile(`\x1b\[[0-9;]*m`)
	white   = regexp.MustCompile(`\x1b\[(?:[0-9;]*;)?(?:37|97)m`)
)

func TestTerminalNoColour(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		env  string
		want bool
	}{{"NO_COLOR=1", false}, {"FORCE=", true}} {
		tm := setup{env: []string{test.env}}.start(t, "new", "--no-git")
		tm.asks("Template", "\x1b[B")
		tm.sees("> node")
		tm.types("\r")
		tm.asks("Service name", "\x03")
		tm.exits(130)
		tm.sane()
		if got := colours.MatchString(tm.raw.String()); got != test.want {
			t.Errorf("%s: colours %v, want %v:\n%q", test.env, got, test.want, tm.raw.String())
		}
		if white.MatchString(tm.raw.String()) {
			t.Errorf("%s: white text, which is invisible on white:\n%q", test.env, tm.raw.String())
		}
	}
}

// Plain lines are used on terminals that cannot draw, on small ones, and for screen readers.
func TestTerminalLines(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]setup{
		"dumb":       {env: []string{"TERM=dumb"}},
		"accessible": {env: []string{"ACCESSIBLE=1"}},
		"small":      {columns: 20, rows: 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tm := s.start(t, "new", "--no-git")
			tm.prompts("Template [go]", "1\r")
			tm.prompts("Service name [hello]", "api\r")
			tm.prompts("Description [A web service]", "\r")
			tm.prompts("Owner [example]", "acme\r")
			tm.prompts("Image [acme/api]", "\r")
			tm.prompts("Continuous integration [circleci]", "\r")
			tm.prompts("Module path [github.com/acme/api]", "\r")
			tm.prompts("Port [8000]", "\r")
			tm.prompts("Continue? [go]", "\r")
			tm.exits(0)
			tm.sane()
			tm.wrote(goFiles...)
			if strings.Contains(tm.raw.String(), "\x1b") {
				t.Errorf("escape sequences: %q", tm.raw.String())
			}
		})
	}
}

// Without a terminal as input there are no prompts, and the program does not open /dev/tty instead: it would draw or wait
// there.
func TestTerminalNotAsked(t *testing.T) {
	t.Parallel()
	open, keep, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { open.Close(); keep.Close() })
	for name, wire := range map[string]func(*exec.Cmd, *terminal){
		"pipe that stays open": func(c *exec.Cmd, _ *terminal) { c.Stdin = open },
		"end of input":         func(c *exec.Cmd, _ *terminal) { c.Stdin = strings.NewReader("") },
		"closed": func(c *exec.Cmd, _ *terminal) {
			c.Path, c.Args = "/bin/sh", []string{"sh", "-c", `exec "$0" "$@" <&-`, c.Path, "new"}
		},
		"errors to a pipe": func(c *exec.Cmd, tm *terminal) { c.Stderr = &tm.piped },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tm := setup{wire: func(c *exec.Cmd, tm *terminal) {
				c.SysProcAttr.Ctty = 1 // standard output is still the program's controlling terminal
				wire(c, tm)
			}}.start(t, "new")
			tm.exits(2)
			tm.sane()
			tm.wrote()
			got := tm.raw.String() + tm.piped.String()
			if !strings.Contains(got, "missing: --template, --name") || strings.ContainsAny(got, "\x1b\x07") {
				t.Errorf("%q", got)
			}
		})
	}
}

// The form is drawn on standard error, so that the result can be redirected.
func TestTerminalResultPiped(t *testing.T) {
	t.Parallel()
	tm := setup{wire: func(c *exec.Cmd, tm *terminal) { c.Stdout = &tm.piped }}.start(t, "new", "--no-git", "--json")
	tm.answer()
	tm.types("\r")
	tm.exits(0)
	tm.sane()
	var report struct{ Files []any }
	if err := json.Unmarshal(tm.piped.Bytes(), &report); err != nil || len(report.Files) != 6 {
		t.Errorf("%v: %s", err, tm.piped.String())
	}
	if !colours.MatchString(tm.raw.String()) {
		t.Error("the form lost its colours to the pipe")
	}
}

func TestTerminalResize(t *testing.T) {
	t.Parallel()
	tm := setup{}.start(t, "new", "--no-git")
	tm.asks("Template", "\r")
	tm.asks("Service name", "ap")
	tm.resize(40, 10)
	tm.until("the form within ten rows", func() bool {
		rows := strings.Split(strings.TrimRight(tm.screen.String(), " \n"), "\n")
		return strings.HasPrefix(rows[0], "Service ") && strings.Contains(tm.screen.String(), "> ap") &&
			strings.HasPrefix(rows[len(rows)-1], "shift+tab back")
	})
	tm.types("i\r")
	tm.asks("Description", "\r")
	for _, question := range []string{"Owner", "Image", "Continuous integration"} {
		tm.asks(question, "\r")
	}
	tm.resize(100, 30)
	tm.asks("Module path", "\r")
	tm.asks("Port", "\r")
	tm.sees("> Write them")
	tm.types("\r")
	tm.exits(0)
	tm.sane()
	tm.wrote(goFiles...)
}

var ownStyles = regexp.MustCompile("\x1b\\[(0|1|90|1;3[123])m")

// The terminal receives no control sequences except the program's own colours, not even from previews and patches.
func TestTerminalShowsNothingHidden(t *testing.T) {
	t.Parallel()
	for name, hostile := range hostiles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, hostile)
			coloured := 0
			for _, l := range w.lines() {
				got := onTerminal(t, func(out *os.File) {
					w.run(t, func(name string) string { return map[string]string{"TERM": "xterm-256color"}[name] }, out, out, l.args...)
				})
				text := strings.ReplaceAll(ownStyles.ReplaceAllString(got, ""), "\r\n", "\n")
				if hidden(text) {
					t.Errorf("%q drew %q", l.args, got)
				}
				if text != got && strings.Contains(got, "\x1b[1;31m") {
					coloured++
				}
			}
			if coloured == 0 {
				t.Error("no report has colours")
			}
		})
	}
}

// onTerminal returns what a terminal receives.
func onTerminal(t *testing.T, draw func(*os.File)) string {
	t.Helper()
	keyboard, line := openTerminal(t)
	defer keyboard.Close()
	received := make(chan string)
	go func() {
		data, _ := io.ReadAll(keyboard) // fails when the other side is closed
		received <- string(data)
	}()
	draw(line)
	line.Close()
	return <-received
}
