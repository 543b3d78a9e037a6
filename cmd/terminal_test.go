//go:build unix

package cmd

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
)

// terminal is a program on a pseudo-terminal, with an emulator that shows its output.
type terminal struct {
	t        *testing.T
	cmd      *exec.Cmd
	dir      string       // working folder
	piped    bytes.Buffer // standard output, if it is not the terminal
	keyboard *os.File     // the terminal's side
	line     *os.File     // the program's side
	before   *term.State
	screen   vt10x.Terminal

	mu      sync.Mutex
	raw     bytes.Buffer  // what the terminal received
	changed chan struct{} // closed with every change
	drained chan struct{} // closed at the end
}

// setup describes how to start a program on a terminal. Its zero value is the default.
type setup struct {
	program       string // default: this test binary as dockerflow
	columns, rows int    // default: 80x24
	env           []string
	silent        bool                           // do not answer queries
	wire          func(c *exec.Cmd, t *terminal) // change the program's files
}

// deadline bounds every wait. Only a failing test reaches it.
const deadline = 20 * time.Second

func (s setup) start(t *testing.T, args ...string) *terminal {
	t.Helper()
	if s.columns == 0 {
		s.columns, s.rows = 80, 24
	}
	if s.program == "" {
		s.program = lookPath(t, "dockerflow")
	}
	keyboard, line := openTerminal(t)
	tm := &terminal{t: t, keyboard: keyboard, line: line, dir: t.TempDir(), drained: make(chan struct{}), changed: make(chan struct{})}
	t.Cleanup(func() { keyboard.Close(); line.Close() })
	options := []vt10x.TerminalOption{vt10x.WithSize(s.columns, s.rows)}
	if !s.silent {
		options = append(options, vt10x.WithWriter(keyboard))
	}
	tm.screen = vt10x.New(options...)
	tm.resize(s.columns, s.rows)
	var err error
	if tm.before, err = term.GetState(line.Fd()); err != nil {
		t.Fatal(err)
	}
	tm.cmd = exec.CommandContext(t.Context(), s.program, args...)
	tm.cmd.Dir = tm.dir
	home := t.TempDir()
	tm.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "TERM=xterm-256color", "HOME=" + home, "XDG_CONFIG_HOME=" + home,
		"GIT_CONFIG_NOSYSTEM=1"}, s.env...)
	tm.cmd.Stdin, tm.cmd.Stdout, tm.cmd.Stderr = line, line, line
	tm.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 2}
	if s.wire != nil {
		s.wire(tm.cmd, tm)
	}
	if err := tm.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go tm.read()
	return tm
}

// openTerminal opens a pseudo-terminal. Unlike the files of pty.Open, closing it unblocks a read.
func openTerminal(t *testing.T) (keyboard, line *os.File) {
	t.Helper()
	blocking, line, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer blocking.Close()
	fd, err := syscall.Dup(int(blocking.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	syscall.CloseOnExec(fd)
	if err := syscall.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), "terminal"), line
}

// resize changes the terminal's size, as resizing a window does.
func (tm *terminal) resize(columns, rows int) {
	tm.t.Helper()
	tm.screen.Resize(columns, rows)
	if err := pty.Setsize(tm.line, &pty.Winsize{Cols: uint16(columns), Rows: uint16(rows)}); err != nil {
		tm.t.Fatal(err)
	}
}

func lookPath(t *testing.T, program string) string {
	t.Helper()
	p, err := exec.LookPath(program)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// read feeds the emulator until both sides of the terminal are closed.
func (tm *terminal) read() {
	defer close(tm.drained)
	buf := make([]byte, 4096)
	for {
		n, err := tm.keyboard.Read(buf)
		_, _ = tm.screen.Write(buf[:n])
		tm.mu.Lock()
		tm.raw.Write(buf[:n])
		close(tm.changed)
		tm.changed = make(chan struct{})
		tm.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// until waits until output makes a condition true.
func (tm *terminal) until(what string, met func() bool) {
	tm.t.Helper()
	late := time.After(deadline)
	for {
		tm.mu.Lock()
		changed := tm.changed
		tm.mu.Unlock()
		if met() {
			return
		}
		select {
		case <-changed:
		case <-late:
			tm.t.Fatalf("never saw %s; the screen:\n%s", what, tm.screen.String())
		}
	}
}

// sees waits for a text on the screen.
func (tm *terminal) sees(text string) {
	tm.t.Helper()
	tm.until(text, func() bool { return strings.Contains(flat(tm.screen.String()), flat(text)) })
}

// types sends keys.
func (tm *terminal) types(keys string) {
	tm.t.Helper()
	if _, err := io.WriteString(tm.keyboard, keys); err != nil {
		tm.t.Fatal(err)
	}
}

// prompts waits for a prompt and answers it.
func (tm *terminal) prompts(prompt, answer string) {
	tm.t.Helper()
	tm.until(prompt, func() bool { return strings.HasSuffix(tm.received(), prompt+": ") })
	tm.types(answer)
}

// received returns the program's output so far.
func (tm *terminal) received() string {
	tm.mu.Lock()
	defer tm.mu.Unlock()
	return tm.raw.String()
}

// asks waits until a question has the focus and answers it.
func (tm *terminal) asks(question, answer string) {
	tm.t.Helper()
	tm.until("the question "+question, func() bool { return strings.Contains(tm.screen.String(), "┃ "+question) })
	tm.types(answer)
}

func (tm *terminal) signal(s os.Signal) {
	tm.t.Helper()
	if err := tm.cmd.Process.Signal(s); err != nil {
		tm.t.Fatal(err)
	}
}

// exits waits for the program to end and checks its exit code.
func (tm *terminal) exits(code int) {
	tm.t.Helper()
	if got := tm.ends(); got != code {
		tm.t.Fatalf("exit %d, want %d; the screen:\n%s", got, code, tm.screen.String())
	}
}

func (tm *terminal) ends() (code int) {
	tm.t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- tm.cmd.Wait() }()
	select {
	case err := <-ended:
		var status *exec.ExitError
		if err != nil && !errors.As(err, &status) {
			tm.t.Fatal(err)
		}
	case <-time.After(deadline):
		_ = tm.cmd.Process.Kill()
		tm.t.Fatalf("still running; the screen:\n%s", tm.screen.String())
	}
	return tm.cmd.ProcessState.ExitCode()
}

// output closes the terminal and returns everything that the program wrote to it.
func (tm *terminal) output() string {
	tm.line.Close()
	<-tm.drained
	return tm.raw.String()
}

var private = regexp.MustCompile(`\x1b\[\?(\d+)([hl])`)

// sane checks that the terminal is restored: its line discipline, a visible cursor, and no mode left on. It closes the
// terminal.
func (tm *terminal) sane() {
	tm.t.Helper()
	after, err := term.GetState(tm.line.Fd())
	if err != nil {
		tm.t.Fatal(err)
	}
	if !reflect.DeepEqual(tm.before, after) {
		tm.t.Errorf("the terminal was %+v, and is left as %+v", *tm.before, *after)
	}
	last := map[string]string{"25": "h"} // the cursor
	for _, m := range private.FindAllStringSubmatch(tm.output(), -1) {
		last[m[1]] = m[2]
	}
	for mode, state := range last {
		if want := map[bool]string{true: "h", false: "l"}[mode == "25"]; state != want {
			tm.t.Errorf("mode %s is left %s", mode, state)
		}
	}
}

// wrote checks that the program's working folder contains exactly these files.
func (tm *terminal) wrote(want ...string) {
	tm.t.Helper()
	var got []string
	err := filepath.WalkDir(tm.dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(tm.dir, p)
			got = append(got, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		tm.t.Fatal(err)
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		tm.t.Errorf("wrote %q, want %q", got, want)
	}
}
