// Package git starts git. No other package of the program does.
//
// A repository can name programs that git then runs: in its configuration, in its hooks, or in files that make a folder of
// a clone look like a repository. Anyone may have written the repository that a command works in, so no call of this package
// runs such a program:
//
//   - The environment is built: git gets the variables that this package lists.
//   - Settings that name a program are set to one that does nothing, on git's command line, which overrides all files. Filters
//     and hooks have names of their own in a configuration. They are looked up first and turned off one by one.
//   - git ignores folders that only look like a repository, does not fetch missing objects, and may use no protocol, except
//     in a call that fetches.
//   - A command that nobody has examined for this is refused.
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
	// Project is work in a repository that may be anyone's.
	Project Purpose = iota
	// Commit is the first commit of a repository that was just made.
	Commit
	// Fetch is a look at a server.
	Fetch
)

// Command is one call of git.
type Command struct {
	Purpose   Purpose
	Dir       string      // the folder to work in
	GitDir    string      // the repository, or "" for the one that git finds from Dir
	Args      []string    // git's command, and what it is given
	Stdin     string      // what git reads
	Settings  []string    // KEY=VALUE: they override all configuration but what this package sets
	Login     [][2]string // a key and its value: settings that no list of processes shows
	Protocols []string    // what a Fetch may use
	Environ   []string    // the user's variables
	Set       []string    // variables that the call adds
	Program   string      // what to start instead of git
	Terminal  bool        // programs of the user's may ask there
}

// ErrNotFound is returned where there is no git.
var ErrNotFound = exec.ErrNotFound

// Installed reports whether there is a program of that name.
func Installed(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// Error is what git failed with.
type Error struct {
	Command string // such as fetch
	Said    string // the start of what it wrote to standard error
	Code    int    // its exit code
}

func (e *Error) Error() string { return "git " + e.Command + ": " + e.Line() }

// Line is the most useful line: the first one that begins with fatal, or else the first one.
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

// maxOutput bounds what Output reads, in bytes: a record may name any blob of a repository.
const maxOutput = 1 << 28

// Runner makes one call of git and returns its standard output. Its error holds what git said; it is ErrNotFound where there is no git.
type Runner func(context.Context, Command) (string, error)

// Output runs git and returns what it prints.
func (c Command) Output(ctx context.Context) (string, error) {
	var out strings.Builder
	err := c.Run(ctx, func(printed io.Reader) error {
		n, err := io.Copy(&out, io.LimitReader(printed, maxOutput+1))
		if n > maxOutput {
			return fmt.Errorf("git %s: it prints more than %d bytes", c.Args[0], maxOutput)
		}
		return err
	})
	return out.String(), err
}

// Run runs git. read is handed what it prints, and ends git by an error; it may be nil.
func (c Command) Run(ctx context.Context, read func(io.Reader) error) error {
	off, err := c.turnOff(ctx)
	if err != nil {
		return err
	}
	return c.start(ctx, off, read)
}

// start runs git with settings that turn off what the configuration names.
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
	defer context.AfterFunc(ctx, func() { out.Close() })() // what git started may hold the other end
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
	case readErr != nil, err == nil, errors.Is(err, exec.ErrWaitDelay): // a user's helper may stay
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
