package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"dockerflow/generator/spec"
)

const (
	patience = 60 * time.Second // for a service to start, or a HEALTHCHECK to come round
	tick     = 100 * time.Millisecond
)

// operate runs the image as operations do, on two ports that its network publishes, and with a statsd where nobody
// listens, and one whose name nobody knows.
func (c *check) operate(ctx context.Context) error {
	for i, statsd := range []string{"127.0.0.1", "statsd.invalid"} {
		port, err := freePort()
		if err != nil {
			return err
		}
		name := fmt.Sprintf("%s-%d", tag, i)
		publish := fmt.Sprintf("127.0.0.1:%d:%d", port, port)
		args := slices.Concat([]string{"run", "--detach", "--name", name, "--env", fmt.Sprintf("PORT=%d", port),
			"--env", "STATSD_HOST=" + statsd, "--publish", publish}, hardened)
		if _, err := docker(ctx, append(args, tag+":app")...); err != nil {
			return err
		}
		if err := c.live(ctx, name, port); err != nil {
			return err
		}
		if err := c.inside(ctx, name, port); err != nil {
			return err
		}
		if err := c.stop(ctx, name, port); err != nil {
			return err
		}
	}
	return nil
}

// freePort finds one that nothing on the machine listens on, below those of outgoing connections.
func freePort() (int, error) {
	for range 100 {
		port := 20000 + rand.IntN(10000)
		l, err := net.Listen("tcp", ":"+strconv.Itoa(port)) //nolint:noctx // it does not wait
		if err == nil {
			return port, l.Close()
		}
	}
	return 0, errors.New("no free port")
}

// live asks the endpoints, from outside of the container.
func (c *check) live(ctx context.Context, name string, port int) error {
	version, err := os.ReadFile(filepath.Join(c.tree, "version.json"))
	if err != nil {
		return err
	}
	s := &spec.Service{URL: fmt.Sprintf("http://127.0.0.1:%d", port), Version: version}
	client := spec.NewClient(time.Second)
	err = await(ctx, name, func() (bool, error) {
		resp, err := client.Get(s.URL + "/__lbheartbeat__") //nolint:noctx // the client has a time limit
		if err == nil {
			resp.Body.Close()
		}
		return err == nil, nil
	})
	if err != nil {
		return err
	}
	checked := 0
	for _, r := range spec.CheckLive(ctx, s) {
		if r.Status == spec.NotCheckable {
			continue
		}
		checked++
		var problems []string
		for _, f := range r.Findings {
			problems = append(problems, f.Text)
		}
		c.report(r.ID, fmt.Sprintf("in a container, on port %d", port), problems...)
	}
	if checked == 0 {
		return errors.New("no live rule was checked")
	}
	return nil
}

// await waits for a container to do something.
func await(ctx context.Context, name string, done func() (bool, error)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		running, err := inspect(ctx, name, "{{.State.Running}}")
		if err == nil && running == "true" {
			select {
			case <-time.After(tick):
				continue
			case <-ctx.Done():
				err = ctx.Err()
			}
		}
		out, _ := docker(context.WithoutCancel(ctx), "logs", name)
		return fmt.Errorf("container %s: running is %q (%w); it says: %s", name, running, err, out)
	}
}

// inside looks at the container's processes, and at its HEALTHCHECK as the engine runs it.
func (c *check) inside(ctx context.Context, name string, port int) error {
	out, err := docker(ctx, "top", name, "-eo", "pid,ruid,euid,rgid,egid,args")
	if err != nil {
		return err
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")[1:]
	var problems []string
	for _, l := range lines {
		if f := strings.Fields(l); !slices.Equal(f[1:5], []string{"10001", "10001", "10001", "10001"}) {
			problems = append(problems, l)
		}
	}
	if len(lines) != 1 {
		problems = append(problems, fmt.Sprintf("%d processes", len(lines)))
	}
	c.report("L11", "one process, as 10001:10001", problems...)

	problems = nil
	err = await(ctx, name, func() (bool, error) {
		health, err := inspect(ctx, name, "{{.State.Health.Status}}")
		return health == "healthy", err
	})
	if err != nil {
		problems = append(problems, err.Error())
	}
	// The engine's own result says nothing of a check that cannot fail.
	words := append([]string{"exec", "--env", "PORT=1", name}, c.healthcheck[1:]...)
	if _, err := docker(ctx, words...); err == nil {
		problems = append(problems, "it finds a service on port 1")
	}
	c.report("S10", fmt.Sprintf("HEALTHCHECK follows $PORT (%d)", port), problems...)
	return nil
}

// stop ends the container as docker stop does, and looks at what it wrote.
func (c *check) stop(ctx context.Context, name string, port int) error {
	if _, err := docker(ctx, "stop", "--time", "15", name); err != nil {
		return err
	}
	code, err := inspect(ctx, name, "{{.State.ExitCode}}")
	if err != nil {
		return err
	}
	c.report("L10", fmt.Sprintf("docker stop ends it on port %d with 0", port), differs(code, "0")...)
	logs := exec.CommandContext(ctx, "docker", "logs", name)
	var out, errs bytes.Buffer
	logs.Stdout, logs.Stderr = &out, &errs
	if err := logs.Run(); err != nil {
		return err
	}
	var problems []string
	types := map[string]int{}
	for raw := range strings.Lines(out.String()) {
		line, wrong := spec.CheckLine([]byte(strings.TrimSuffix(raw, "\n")))
		for _, w := range wrong {
			problems = append(problems, fmt.Sprintf("%s in %.200q", w, raw))
		}
		types[line.Type]++
	}
	if errs.Len() > 0 {
		problems = append(problems, "on stderr: "+errs.String())
	}
	for kind, ok := range map[string]bool{
		"app.start": types["app.start"] == 1, "app.stop": types["app.stop"] == 1, "request.summary": types["request.summary"] > 0,
	} {
		if !ok {
			problems = append(problems, fmt.Sprintf("%d lines of %s", types[kind], kind))
		}
	}
	c.report("L8", "docker logs is mozlog from app.start to app.stop", problems...)
	return nil
}
