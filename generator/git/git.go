// Package git starts git. Nothing else in the program does.
//
// git runs programs that a repository's configuration names, that lie in its hooks, or that other files of a clone lead
// to. A repository may be anyone's, also the one in the folder that a command works in, so a call starts none of them:
//
//   - Its environment is built: it has the variables that are listed in this package, and no others.
//   - What can name a program is set to one that does nothing, on git's command line, which overrides every file. Filters
//     and hooks that a configuration gives names of its own are looked up first, and turned off one by one.
//   - A folder that only looks like a repository is none (safe.bareRepository), objects that are missing are not fetched,
//     and no protocol is allowed but for a call that is to fetch.
//   - Only commands that were examined for this are started.
//
// What may still run depends on what the call is for:
//
//   - For a Project, git alone. Filters do not run there, so that git compares a file which has one as it is.
//   - For a Commit, also the clean filters and the signing program that the user's own configuration names. The repository
//     was just made and has no other configuration. Hooks do not run.
//   - For a Fetch, also the user's ssh, their credential helpers and their askpass. The repository is the program's own.
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
	Stdin     string      //
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

// Line is the line that tells most: the first that begins with fatal, or else the first one.
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
