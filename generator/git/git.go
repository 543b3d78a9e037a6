// Package git runs git. No other package of the program does.
//
// A repository can name programs that git then runs: in its configuration, in its hooks, or in files that make a
// folder of a clone look like a repository. The repository that a command works in is untrusted, so no call of this
// package runs such a program:
//
//   - The environment is built from scratch: git gets only the variables that this package lists.
//   - Settings that name a program are overridden on git's command line, with a program that does nothing. Filters and
//     hooks have arbitrary names in a configuration. They are looked up first and turned off one by one.
//   - git ignores folders that only look like a repository, does not fetch missing objects, and may use no protocol, except
//     in a call that fetches.
//   - A git command that is not on the list of safe commands is refused.
//
// The purpose of a call decides what may run:
//
//   - Project: git alone. Filters do not run, so git compares and stores a filtered file as it is.
//   - Commit: git, and the clean filters and the signing program of the user's own configuration. The repository is a new one
//     without a configuration of its own. Hooks do not run.
//   - Fetch: git, its transports, and the user's ssh, credential helpers and askpass program. The repository is one of the
//     program's own, in the cache.
package git

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// Purpose is what a call is for.
type Purpose int

const (
	// Project is a call in an untrusted repository.
	Project Purpose = iota
	// Commit is the first commit of a new repository.
	Commit
	// Fetch is a request to a server.
	Fetch
)

// Command is one call of git.
type Command struct {
	Purpose   Purpose
	Dir       string      // the working directory
	GitDir    string      // the repository, or "" to let git find it from Dir
	Args      []string    // git's command and its arguments
	Stdin     string      // standard input
	Settings  []string    // KEY=VALUE: they override all configuration except what this package sets
	Login     [][2]string // keys and values of settings that must not be visible in the list of processes
	Protocols []string    // the protocols that a Fetch may use
	Environ   []string    // the user's environment
	Set       []string    // extra environment variables
	Program   string      // a program to run in place of git
	Terminal  bool        // whether the user's programs may ask on the terminal
}

// ErrNotFound is returned if git is not installed.
var ErrNotFound = exec.ErrNotFound

// Installed reports whether a program of that name is installed.
func Installed(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// Error is a failed git command.
type Error struct {
	Command string // such as fetch
	Said    string // the start of its standard error
	Code    int    // its exit code
}

func (e *Error) Error() string { return "git " + e.Command + ": " + e.Line() }

// Line returns the most useful line of the output: the first one that begins with fatal, or else the first one.
func (e *Error) Line() string {
	first := ""
	for line := range strings.Lines(e.Said) {
		line = strings.TrimSpace(line)
		if rest, ok := strings.CutPrefix(line, "fatal: "); ok {
			return rest
		}
		if first == "" {
			first = line
		}
	}
	if first == "" {
		return fmt.Sprintf("exit status %d", e.Code)
	}
	return first
}

// maxOutput limits what Output reads, in bytes: a record can name any blob of a repository.
const maxOutput = 1 << 28

// Runner makes one call of git and returns its standard output. Its error holds git's message; it is ErrNotFound if git is
// not installed.
type Runner func(context.Context, Command) (string, error)

// Output runs git and returns its standard output.
func (c Command) Output(ctx context.Context) (string, error) {
	var out strings.Builder
	err := c.Run(ctx, func(printed io.Reader) error {
		n, err := io.Copy(&out, io.LimitReader(printed, maxOutput+1))
		if n > maxOutput {
			return fmt.Errorf("git %s: the output is longer than %d bytes", c.Args[0], maxOutput)
		}
		return err
	})
	return out.String(), err
}

// Run runs git. It passes the output to read, whose error ends git. The function may be nil.
func (c Command) Run(ctx context.Context, read func(io.Reader) error) error {
	off, err := c.turnOff(ctx)
	if err != nil {
		return err
	}
	return c.start(ctx, off, read)
}

// start starts git with settings that turn off the programs that the configuration names.
func (c Command) start(ctx context.Context, off []string, read func(io.Reader) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	program := c.Program
	if program == "" {
		program = "git"
	}
	git := exec.CommandContext(ctx, program, c.arguments(off)...)
	git.Dir = c.Dir
	git.Env = c.environ()
	git.Stdin = strings.NewReader(c.Stdin)
	said := &head{left: 64 << 10}
	git.Stderr = said
	git.WaitDelay = 2 * time.Second
	alone(git, c.Terminal)
	out, err := git.StdoutPipe()
	if err != nil {
		return err
	}
	if err := git.Start(); err != nil {
		return fmt.Errorf("git %s: %w", c.Args[0], err)
	}
	defer context.AfterFunc(ctx, func() { out.Close() })() // a child process of git may hold the other end
	if read == nil {
		read = func(printed io.Reader) error { _, _ = io.Copy(io.Discard, printed); return nil }
	}
	readErr := read(out)
	if readErr != nil {
		cancel()
	}
	err = git.Wait()
	if ctx.Err() != nil {
		endRest(git, c.Terminal)
	}
	var exit *exec.ExitError
	switch {
	case readErr != nil, err == nil, errors.Is(err, exec.ErrWaitDelay): // a credential helper of the user may keep running
		return readErr
	case errors.As(err, &exit):
		return &Error{c.Args[0], said.String(), exit.ExitCode()}
	}
	return fmt.Errorf("git %s: %w", c.Args[0], err)
}

// head keeps the start of what is written to it.
type head struct {
	bytes.Buffer
	left int
}

func (h *head) Write(p []byte) (int, error) {
	n := min(len(p), h.left)
	h.left -= n
	h.Buffer.Write(p[:n])
	return len(p), nil
}
