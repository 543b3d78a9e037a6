package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// buildOthers makes the images of the test and of a service without version.json, as long as the tree is as it was.
func (c *check) buildOthers(ctx context.Context) error {
	data, err := os.ReadFile(filepath.Join(c.tree, "Dockerfile"))
	if err != nil {
		return err
	}
	var lines []string
	for line := range strings.Lines(string(data)) {
		if strings.HasPrefix(line, "COPY ") && strings.Contains(line, " version.json ") {
			continue
		}
		lines = append(lines, line)
	}
	bare := filepath.Join(c.work, "Dockerfile.bare")
	if err := os.WriteFile(bare, []byte(strings.Join(lines, "")), 0o644); err != nil {
		return err
	}
	if _, _, err := buildImage(ctx, c.tree, "bare", "--file", bare); err != nil {
		return err
	}
	_, _, err = buildImage(ctx, c.tree, "test", "--target", "test")
	return err
}

// contract checks containers against the live rules of the contract: with all kinds of backends, without a version.json or
// a statsd, with bad configuration. They use the machine's network, since what they talk to is there, and no HEALTHCHECK,
// whose requests the probe would find in the log.
func (c *check) contract(ctx context.Context) error {
	// The probe moves version.json away to try the service without it.
	script := fmt.Sprintf(`image=app
test -e version.json || image=bare
exec docker run --rm --network host --no-healthcheck --env PORT --env STATSD_HOST --env STATSD_PORT --env LOG_LEVEL --env BACKEND_URL \
  %s %s:$image`, strings.Join(hardened, " "), tag)
	args := append(slices.Clone(c.probe[1:]), "--dir", c.tree, "--", "bash", "-c", script)
	probe := exec.CommandContext(ctx, c.probe[0], args...)
	out, err := probe.CombinedOutput()
	var problems []string
	passed := 0
	for line := range strings.Lines(string(out)) {
		if strings.HasPrefix(line, "ok ") {
			passed++
		} else {
			problems = append(problems, strings.TrimSpace(line))
		}
	}
	if err == nil && passed > 0 {
		problems = nil
	}
	c.report("L1-L12", fmt.Sprintf("the live contract in containers (%d passed)", passed), problems...)
	return nil
}

// test runs the service's own tests in the container.
func (c *check) test(ctx context.Context) error {
	var problems []string
	if _, err := docker(ctx, "run", "--rm", "--label", label, tag+":test"); err != nil {
		problems = append(problems, err.Error())
	}
	c.report("S11", "the tests pass in the container", problems...)
	return nil
}
