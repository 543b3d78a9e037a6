// Package image checks a container image against the rules of package contract: its configuration and files, and the
// behaviour of its containers. It needs only the docker or podman command; the image needs no preparation.
package image

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"dockerflow/generator/contract"
)

// Options configure a check.
type Options struct {
	Env      []string          // for a service that does not start without: NAME=VALUE, or NAME for the value that it has here
	Patience time.Duration     // for the service to start; 0 is a minute
	Slow     string            // a path whose answer takes a while, to have a request in flight when it stops
	Progress func(what string) // receives the progress of the check; may be nil

	pace pace
}

// Check checks an image against the rules and returns one result per rule, in order. It returns an error only if it
// cannot check the image. It pulls nothing and removes every container that it created.
func Check(ctx context.Context, e *Engine, ref string, o Options) ([]contract.Result, error) {
	if o.Patience <= 0 {
		o.Patience = time.Minute
	}
	if o.pace == (pace{}) {
		o.pace = usualPace
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	if o.Slow != "" && !strings.HasPrefix(o.Slow, "/") {
		return nil, &Failure{fmt.Errorf("path %q: it must begin with a slash", o.Slow), "try /" + o.Slow}
	}
	vars, err := newVariables(o.Env)
	if err != nil {
		return nil, err
	}
	e = &Engine{Name: e.Name, podman: e.podman, vars: vars, run: e.run}
	if err := exists(ctx, e, ref); err != nil {
		return nil, err
	}
	o.Progress("reading " + ref)
	i, err := Read(ctx, e, ref, Reading{})
	if err != nil {
		return nil, err
	}
	seen := &contract.Observed{Image: i, Podman: e.podman}
	if err := newSession(e, ref, i, o).live(ctx, seen); err != nil {
		return nil, err
	}
	results := contract.CheckImage(seen)
	for n := range results {
		v := &results[n].Verdict
		v.Note = vars.without(v.Note)
		for i := range v.Findings {
			v.Findings[i].Text = vars.without(v.Findings[i].Text)
		}
	}
	return results, nil
}

// exists asks the engine for the image, which it must have already.
func exists(ctx context.Context, e *Engine, ref string) error {
	if ref == "" || strings.HasPrefix(ref, "-") {
		return &Failure{fmt.Errorf("image %q: want a name or an id", ref), "list the images with " + e.Name + " images"}
	}
	_, err := e.output(ctx, "image", "inspect", "--format", "{{.Id}}", ref)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	said := strings.ToLower(err.Error())
	for _, missing := range []string{"no such image", "image not known", "not found", "no such object"} {
		if strings.Contains(said, missing) {
			return &Failure{
				errors.New(e.Name + " has no image " + ref),
				fmt.Sprintf("build it with %[1]s build --tag %[2]s . or pull it with %[1]s pull %[2]s", e.Name, ref),
			}
		}
	}
	return &Failure{err, "check that the engine runs: " + e.Name + " info"}
}
