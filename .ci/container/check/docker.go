package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
)

// label marks the containers, tag the images of this run.
var (
	label = fmt.Sprintf("dockerflow-check=%d", os.Getpid())
	tag   = fmt.Sprintf("dockerflow-check-%d", os.Getpid())
)

// hardened are the options with which operations run a service.
var hardened = []string{
	"--label", label, "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
}

// docker runs the docker command and returns its whole output, which an error repeats.
func docker(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "docker", args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("docker %s: %w\n%s", strings.Join(args, " "), err, out.String())
	}
	return out.String(), nil
}

// inspect returns one value of an image or a container.
func inspect(ctx context.Context, name, format string) (string, error) {
	out, err := exec.CommandContext(ctx, "docker", "inspect", "--format", format, name).Output()
	if err != nil {
		return "", fmt.Errorf("docker inspect %s: %w", name, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// cleanUp removes what this run made in the engine, however it ended.
func cleanUp() {
	ctx := context.Background()
	if ids, err := docker(ctx, "ps", "--all", "--quiet", "--filter", "label="+label); err == nil && ids != "" {
		_, _ = docker(ctx, append([]string{"rm", "--force", "--volumes"}, strings.Fields(ids)...)...)
	}
	if ids, err := docker(ctx, "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", tag); err == nil && ids != "" {
		_, _ = docker(ctx, append([]string{"image", "rm", "--force"}, strings.Fields(ids)...)...)
	}
}

// step is one of a build's.
type step struct {
	place  string // such as "build 2/5"
	text   string // the instruction
	cached bool
}

func (s step) String() string { return "[" + s.place + "] " + s.text }

var (
	beginning = regexp.MustCompile(`^(#\d+) \[((?:\S+ )?\d+/\d+)\] (.*)$`)
	wasCached = regexp.MustCompile(`^(#\d+) CACHED$`)
)

// buildImage builds an image with the name tag:variant.
func buildImage(ctx context.Context, dir, variant string, args ...string) (steps []step, out string, err error) {
	args = append([]string{"build", "--progress", "plain", "--tag", tag + ":" + variant}, args...)
	out, err = docker(ctx, append(args, dir)...)
	if err != nil {
		return nil, out, err
	}
	return parseSteps(out), out, nil
}

// parseSteps reads the plain progress of a build.
func parseSteps(out string) []step {
	var steps []step
	index := map[string]int{}
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\n")
		if m := beginning.FindStringSubmatch(line); m != nil && !strings.HasPrefix(m[3], "FROM ") {
			if _, seen := index[m[1]]; !seen {
				index[m[1]] = len(steps)
				steps = append(steps, step{place: m[2], text: m[3]})
			}
		}
		if m := wasCached.FindStringSubmatch(line); m != nil {
			if i, ok := index[m[1]]; ok {
				steps[i].cached = true
			}
		}
	}
	return steps
}

// rerun returns the steps that did not come from the cache.
func rerun(steps []step) []step {
	var all []step
	for _, s := range steps {
		if !s.cached {
			all = append(all, s)
		}
	}
	return all
}

// texts shows steps as problems.
func texts(steps []step) []string {
	var all []string
	for _, s := range steps {
		all = append(all, "ran again: "+s.String())
	}
	return all
}
