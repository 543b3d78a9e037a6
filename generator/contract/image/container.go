package image

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"dockerflow/generator/contract"
)

// session is one check of an image. All its containers have its label.
type session struct {
	e     *Engine
	ref   string
	image *contract.Image
	o     Options
	label string
	made  int

	hardening []string // with which the service starts
}

func newSession(e *Engine, ref string, i *contract.Image, o Options) *session {
	return &session{e: e, ref: ref, image: i, o: o, label: "dockerflow-check=" + strings.ToLower(rand.Text())}
}

// close removes the session's remaining containers, however it ended.
func (s *session) close(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	ids, err := s.e.output(ctx, "ps", "--all", "--quiet", "--filter", "label="+s.label)
	if err == nil && ids != "" {
		_, err = s.e.output(ctx, append([]string{"rm", "--force", "--volumes"}, strings.Fields(ids)...)...)
	}
	if err != nil {
		return &Failure{
			fmt.Errorf("containers may be left: %w", err),
			fmt.Sprintf("remove them: %[1]s rm --force $(%[1]s ps --all --quiet --filter label=%[2]s)", s.e.Name, s.label),
		}
	}
	return nil
}

// container is one of the image's.
type container struct {
	s       *session
	id      string
	port    string         // the value of $PORT
	at      map[int]string // where the ports of the container can be asked on this machine
	found   string         // the one of them that answers
	started time.Duration  // how long it took
}

// create creates a container, which publishes its ports only on this machine. Even an interrupt does not stop it: a
// container without a known id cannot be removed.
func (s *session) create(ctx context.Context, hardening []string, port string, env ...string) (*container, error) {
	s.made++
	args := []string{
		"create", "--pull=never", "--no-healthcheck", "--name", fmt.Sprintf("%s-%d", strings.ReplaceAll(s.label, "=", "-"), s.made),
		"--label", s.label, "--env", "PORT=" + port,
	}
	vars, in, remove, err := s.e.vars.pass()
	if err != nil {
		return nil, err
	}
	defer remove()
	args = append(args, vars...)
	for _, kv := range env {
		args = append(args, "--env", kv)
	}
	for _, p := range s.ports(port) {
		args = append(args, "--publish", fmt.Sprintf("127.0.0.1::%d", p))
	}
	out := &bounded{most: maxOutput}
	err = s.e.streams(context.WithoutCancel(ctx), shortly, call{args: slices.Concat(args, hardening, []string{s.ref}), in: in, out: out})
	if err == nil {
		err = ctx.Err()
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n") // podman and docker may warn before the id
	return &container{s: s, id: lines[len(lines)-1], port: port}, err
}

// mostPorts bounds how many ports are looked at.
const mostPorts = 10

// ports are those on which the service may listen: $PORT, and what the image says.
func (s *session) ports(port string) []int {
	var ports []int
	add := func(text string) {
		if p, err := strconv.Atoi(text); err == nil && p > 0 && p < 1<<16 && !slices.Contains(ports, p) && len(ports) < mostPorts {
			ports = append(ports, p)
		}
	}
	add(port)
	add("8000")
	value, _ := s.image.Config.Variable("PORT")
	add(value)
	var exposed []string
	for p := range s.image.Config.ExposedPorts {
		exposed = append(exposed, strings.TrimSuffix(p, "/tcp"))
	}
	slices.Sort(exposed)
	for _, p := range exposed {
		add(p)
	}
	return ports
}

// start starts the container and finds out where its ports are.
func (c *container) start(ctx context.Context) error {
	if _, err := c.s.e.output(ctx, "start", c.id); err != nil {
		return err
	}
	text, err := c.s.e.output(ctx, "port", c.id)
	c.at = map[int]string{}
	for line := range strings.Lines(text) { // such as 8000/tcp -> 127.0.0.1:32768
		inside, outside, ok := strings.Cut(strings.TrimSpace(line), "/tcp -> ")
		if p, wrong := strconv.Atoi(inside); ok && wrong == nil && strings.HasPrefix(outside, "127.0.0.1:") {
			c.at[p] = outside
		}
	}
	return err
}

// state is the state of a container.
type state struct {
	running, killed bool // killed (out of memory)
	code            int
}

func (c *container) state(ctx context.Context) (state, error) {
	text, err := c.s.e.output(ctx, "container", "inspect", "--format", "{{.State.Running}} {{.State.OOMKilled}} {{.State.ExitCode}}", c.id)
	if err != nil {
		return state{}, err
	}
	var st state
	_, err = fmt.Sscan(text, &st.running, &st.killed, &st.code)
	return st, err
}

// log returns the container's stdout and stderr, each up to a limit.
func (c *container) log(ctx context.Context) (out, errs *bounded, err error) {
	out, errs = &bounded{most: maxOutput}, &bounded{most: maxOutput}
	err = c.s.e.streams(ctx, shortly, call{args: []string{"logs", c.id}, out: out, errs: errs})
	return out, errs, err
}

// tail formats the end of the service's output for a message.
func (c *container) tail(ctx context.Context) string {
	out, errs, err := c.log(ctx)
	if err != nil {
		return ""
	}
	return c.end(out, errs)
}

func (c *container) end(out, errs *bounded) string {
	text := strings.TrimSpace(c.s.e.vars.without(out.String()) + c.s.e.vars.without(errs.String()))
	if text == "" {
		return ", with no output"
	}
	return fmt.Sprintf("; its last output is %q", text[max(0, len(text)-300):])
}

// remove ends a container that is no longer needed. If it fails, close tries again.
func (c *container) remove(ctx context.Context) {
	_, _ = c.s.e.output(context.WithoutCancel(ctx), "rm", "--force", "--volumes", c.id)
}

// answers reports whether the service sends any HTTP response at this address.
func answers(ctx context.Context, client *http.Client, at string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+at+"/__lbheartbeat__", http.NoBody)
	if err != nil {
		return false
	}
	resp, err := client.Do(req)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return true
}

// How long things take that are waited for.
const (
	tick       = 50 * time.Millisecond
	look       = 500 * time.Millisecond // between two looks at the container itself
	answerTime = 2 * time.Second
)

// pace holds the time limits for the service.
type pace struct {
	settle time.Duration // until $PORT answers, when another port does already
	refuse time.Duration // to end for a bad configuration
	grace  time.Duration // to stop
}

var usualPace = pace{settle: 2 * time.Second, refuse: 15 * time.Second, grace: 15 * time.Second}

// await waits for the service to answer on $PORT, or, for a while, on another port.
func (c *container) await(ctx context.Context, patience time.Duration) (at string, port int, st state, err error) {
	begin := time.Now()
	client := contract.NewClient(answerTime)
	want, _ := strconv.Atoi(c.port)
	var looked, elsewhere time.Time
	for {
		if at := c.at[want]; at != "" && answers(ctx, client, at) {
			c.started, c.found = time.Since(begin), at
			return at, want, state{running: true}, nil
		}
		if time.Since(looked) >= look {
			if st, err = c.state(ctx); err != nil || !st.running {
				return "", 0, st, err
			}
			looked = time.Now()
			for p, at := range c.at {
				if p == want || !answers(ctx, client, at) {
					continue
				}
				if elsewhere.IsZero() {
					elsewhere = time.Now()
				}
				if c.started = time.Since(begin); time.Since(elsewhere) >= c.s.o.pace.settle || want == 0 {
					c.found = at
					return at, p, st, nil
				}
			}
		}
		if time.Since(begin) >= patience {
			return "", 0, st, nil
		}
		select {
		case <-time.After(tick):
		case <-ctx.Done():
			return "", 0, st, ctx.Err()
		}
	}
}
