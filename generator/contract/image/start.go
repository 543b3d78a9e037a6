package image

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"dockerflow/generator/contract"
)

// The two values of $PORT. No service has them by default.
const (
	firstPort  = "18017"
	secondPort = "29043"
)

// hardenings are the arguments for each contract.Hardening.
var hardenings = [][]string{
	contract.Hardened: {
		"--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", "2g", "--pids-limit", "1024",
	},
	contract.Unlimited:    {"--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"},
	contract.WritableRoot: {"--cap-drop", "ALL", "--security-opt", "no-new-privileges"},
	contract.Unhardened:   nil,
}

// begin starts the first container in the hardest way that works.
func (r *run) begin(ctx context.Context) (*container, error) {
	var first, last failing
	for n, args := range hardenings {
		c, why, err := r.try(ctx, args, firstPort)
		if err != nil {
			return nil, err
		}
		if c != nil {
			r.hardening = args
			r.seen.Start = contract.Start{Hardening: contract.Hardening(n), Why: first.text, Engine: first.engine}
			return c, nil
		}
		if last = why; n == 0 {
			if first = why; why.hangs {
				r.silent(why)
				return nil, nil
			}
		}
	}
	if first.engine {
		first = last // the least restricted start decides whose fault it is
	}
	r.silent(first)
	return nil, nil
}

// failing is why a service does not start.
type failing struct {
	text   string
	hangs  bool // it runs, but does not answer
	engine bool // it is not the image's fault
}

// imageFaults are parts of the engine's messages when the image is the reason that a container does not start. Other
// messages may be faults of the engine.
var imageFaults = []string{
	`exec: "`, "executable file", "unable to find user", "no matching entries", "no command specified", "chdir to cwd",
}

// refused describes why a container cannot be created or started.
func refused(err error) failing {
	text := strings.ToLower(err.Error())
	blamed := slices.ContainsFunc(imageFaults, func(s string) bool { return strings.Contains(text, s) })
	return failing{text: "cannot start a container: " + err.Error(), engine: !blamed}
}

// try starts a container and waits for it to answer.
func (r *run) try(ctx context.Context, hardening []string, port string, env ...string) (*container, failing, error) {
	c, err := r.create(ctx, hardening, port, env...)
	if ctx.Err() != nil {
		return nil, failing{}, ctx.Err()
	}
	if err != nil {
		return nil, refused(err), nil
	}
	c, at, why, err := r.answering(ctx, c)
	if c != nil && r.c == nil {
		r.c, r.at = c, at
	}
	return c, why, err
}

// answering starts a container that is made, and waits for it to answer.
func (r *run) answering(ctx context.Context, c *container) (*container, string, failing, error) {
	if err := c.start(ctx); err != nil {
		defer c.remove(ctx)
		return nil, "", refused(err), ctx.Err()
	}
	at, port, st, err := c.await(ctx, r.o.Patience)
	if err != nil {
		return nil, "", failing{}, err
	}
	switch {
	case at != "":
		if fmt.Sprint(port) != c.port && !r.ignores {
			r.ignores = true
			r.seen.Listens.Add("with PORT=%s it listens on port %d", c.port, port)
		}
		return c, at, failing{}, nil
	case st.running:
		why := failing{text: fmt.Sprintf("with PORT=%s the port does not answer from outside the container within %v%s", c.port, r.o.Patience, c.tail(ctx)), hangs: true}
		c.remove(ctx)
		return nil, "", why, nil
	}
	defer c.remove(ctx)
	says, memory := c.tail(ctx), ""
	if strings.Contains(says, "exec format error") {
		return nil, "", failing{text: "the image is for another platform than the engine's", engine: true}, nil
	}
	if st.killed {
		memory = " (out of memory)"
	}
	return nil, "", failing{text: fmt.Sprintf("with PORT=%s it exits with status %d%s%s", c.port, st.code, memory, says)}, nil
}

// silent speaks for a service that does not answer.
func (r *run) silent(why failing) {
	note := "it does not start: see L1"
	host := r.e.elsewhere()
	switch {
	case why.engine:
		note = why.text
	case why.hangs && host != "":
		note = "the engine is on another machine (" + host + "), whose ports cannot be reached from here"
	default:
		r.seen.Listens.Add("%s", why.text)
	}
	r.seen.NotStarted = note
}
