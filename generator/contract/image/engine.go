package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"dockerflow/generator/contract"
)

// Engine is the docker or podman command.
type Engine struct {
	Name string // docker or podman, as messages name it

	podman bool
	vars   *variables // whose values must not appear in its output
	run    func(context.Context, call) error
}

// call is one use of the command.
type call struct {
	args      []string
	in        io.Reader
	out, errs io.Writer
}

// Failure is why an image could not be checked, with a hint.
type Failure struct {
	Err  error
	Hint string
}

func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap returns the error without its hint.
func (f *Failure) Unwrap() error { return f.Err }

// Limits on the command's duration and output.
const (
	shortly   = time.Minute
	saving    = 15 * time.Minute
	maxOutput = 16 << 20
	maxErrors = 64 << 10
)

// Find finds the engine's command on PATH, or by its file. The default is docker, or else podman.
func Find(ctx context.Context, command string) (*Engine, error) {
	names := []string{command}
	if command == "" {
		names = []string{"docker", "podman"}
	}
	for _, name := range names {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		e := &Engine{Name: strings.TrimSuffix(filepath.Base(path), ".exe"), run: execute(path)}
		version, err := e.output(ctx, "--version") // docker may be podman by another name
		if err != nil {
			return nil, &Failure{err, "check that " + name + " works"}
		}
		e.podman = strings.Contains(strings.ToLower(version), "podman")
		return e, nil
	}
	return nil, &Failure{fmt.Errorf("no %s on PATH", strings.Join(names, " and no ")), "install Docker or Podman, or name its command with --engine"}
}

// execute runs the command of a file. An interrupt from the terminal does not reach it: what it has begun, such as
// a container, must have a name before it can be removed.
func execute(path string) func(context.Context, call) error {
	return func(ctx context.Context, c call) error {
		cmd := exec.CommandContext(ctx, path, c.args...)
		cmd.Stdin, cmd.Stdout, cmd.Stderr = c.in, c.out, c.errs
		cmd.WaitDelay = time.Second
		apart(cmd)
		return cmd.Run()
	}
}

// streams runs a command within a time limit. Its error is the command's output without the values of the user's
// variables, because engines quote their arguments and the output of a service.
func (e *Engine) streams(ctx context.Context, limit time.Duration, c call) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	errs := &bounded{most: maxErrors}
	if c.errs == nil {
		c.errs = errs
	}
	err := e.run(ctx, c)
	said := strings.TrimSpace(e.vars.without(errs.String()))
	switch {
	case err == nil:
		return nil
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("%s %s takes longer than %v", e.Name, c.args[0], limit)
	case ctx.Err() != nil:
		return ctx.Err()
	case said == "":
		return fmt.Errorf("%s %s: %w", e.Name, c.args[0], err)
	}
	return fmt.Errorf("%s %s: %s", e.Name, c.args[0], contract.OneLine(said))
}

// output runs a short command and returns its output.
func (e *Engine) output(ctx context.Context, args ...string) (string, error) {
	out := &bounded{most: maxOutput}
	err := e.streams(ctx, shortly, call{args: args, out: out})
	return strings.TrimSpace(out.String()), err
}

// elsewhere names the other machine that the engine runs on, whose ports cannot be asked from here.
func (e *Engine) elsewhere() string {
	name := "DOCKER_HOST"
	if e.podman {
		name = "CONTAINER_HOST"
	}
	host := os.Getenv(name)
	if !strings.HasPrefix(host, "tcp://") && !strings.HasPrefix(host, "ssh://") ||
		strings.Contains(host, "//127.") || strings.Contains(host, "//localhost") || strings.Contains(host, "//[::1]") {
		return ""
	}
	return name
}

// bounded keeps the beginning of its input. It embeds no buffer, because ReadFrom would ignore the limit.
type bounded struct {
	buffer bytes.Buffer
	most   int
	cut    bool
}

func (b *bounded) Write(p []byte) (int, error) {
	room := max(0, b.most-b.buffer.Len())
	b.cut = b.cut || len(p) > room
	b.buffer.Write(p[:min(room, len(p))])
	return len(p), nil
}

func (b *bounded) String() string { return b.buffer.String() }
