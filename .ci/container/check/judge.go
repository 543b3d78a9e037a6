package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dockerflow/generator/contract"
	"dockerflow/generator/contract/image"
)

// notInImages are the rules that an image does not show. All others must be decided.
var notInImages = []string{"S6", "S7", "S11", "S12"}

// judge checks the image against the rules, as dockerflow check does for any image.
func (c *check) judge(ctx context.Context) error {
	results, err := judgeImage(ctx, tag+":app", patience)
	if err != nil {
		return err
	}
	for _, r := range results {
		var problems []string
		for _, f := range r.Findings {
			problems = append(problems, f.Text)
		}
		switch {
		case slices.Contains(notInImages, r.ID):
			continue
		case r.Status == contract.NotCheckable:
			problems = []string{"not checkable: " + r.Note}
		case r.ID == "L11" && r.Status == contract.Pass && r.Note != "one process":
			problems = []string{r.Note}
		}
		c.report(r.ID, strings.TrimSpace(r.Says+" "+r.Note), problems...)
	}
	return nil
}

func judgeImage(ctx context.Context, ref string, limit time.Duration) ([]contract.Result, error) {
	engine, err := image.Find(ctx, "docker")
	if err != nil {
		return nil, err
	}
	return image.Check(ctx, engine, ref, image.Options{Patience: limit})
}

const (
	patience = 60 * time.Second // for a service to start, or a HEALTHCHECK to come round
	tick     = 100 * time.Millisecond
)

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

// health runs the image on a port with its HEALTHCHECK as the engine does it, and with a statsd whose name cannot be resolved.
func health(port string) func(*check, context.Context) error {
	return func(c *check, ctx context.Context) error {
		test := c.image.Config.Healthcheck.Test
		if len(test) < 2 || test[0] != "CMD" || strings.Contains(strings.Join(test, " "), "curl") {
			c.report("S10", "HEALTHCHECK is there, without a shell or curl", fmt.Sprintf("it is %q", test))
			return nil
		}
		name := tag + "-" + port
		args := slices.Concat([]string{"run", "--detach", "--name", name, "--env", "PORT=" + port, "--env", "STATSD_HOST=statsd.invalid"}, hardened)
		if _, err := docker(ctx, append(args, tag+":app")...); err != nil {
			return err
		}
		var problems []string
		err := await(ctx, name, func() (bool, error) {
			health, err := inspect(ctx, name, "{{.State.Health.Status}}")
			return health == "healthy", err
		})
		if err != nil {
			problems = append(problems, err.Error())
		}
		// The engine's own result does not reveal a check that cannot fail.
		words := append([]string{"exec", "--env", "PORT=1", name}, test[1:]...)
		if _, err := docker(ctx, words...); err == nil {
			problems = append(problems, "it finds a service on port 1")
		}
		c.report("S10", "HEALTHCHECK is there, without a shell or curl, and follows $PORT ("+port+")", problems...)
		_, err = docker(ctx, "rm", "--force", name)
		return err
	}
}
