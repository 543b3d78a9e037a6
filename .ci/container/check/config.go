package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// config holds the image's configuration against the contract.
func (c *check) config(ctx context.Context) error {
	text, err := inspect(ctx, tag+":app", "{{json .Config}}")
	if err != nil {
		return err
	}
	var config struct {
		User, WorkingDir     string
		Entrypoint, Cmd, Env []string
		ExposedPorts         map[string]any
		Healthcheck          struct{ Test []string }
	}
	if err := json.Unmarshal([]byte(text), &config); err != nil {
		return err
	}
	c.healthcheck = config.Healthcheck.Test
	c.report("S1", "WORKDIR is /app", differs(config.WorkingDir, "/app")...)
	c.report("S3", "USER is app", differs(config.User, "app")...)
	c.report("S10", "EXPOSE is 8000", differs(config.ExposedPorts, map[string]any{"8000/tcp": map[string]any{}})...)
	c.report("S10", "PORT is 8000", differs(slices.Contains(config.Env, "PORT=8000"), true)...)
	var problems []string
	for name, words := range map[string][]string{"ENTRYPOINT": config.Entrypoint, "CMD": config.Cmd} {
		if len(words) == 0 || words[0] == "/bin/sh" || words[0] == "sh" {
			problems = append(problems, fmt.Sprintf("%s is %q", name, words))
		}
	}
	c.report("S4", "ENTRYPOINT and CMD are there, without a shell", problems...)
	problems = nil
	if len(c.healthcheck) < 2 || c.healthcheck[0] != "CMD" || strings.Contains(strings.Join(c.healthcheck, " "), "curl") {
		problems = []string{fmt.Sprintf("it is %q", c.healthcheck)}
	}
	c.report("S10", "HEALTHCHECK is there, without a shell or curl", problems...)
	return nil
}

func differs(got, want any) []string {
	if reflect.DeepEqual(got, want) {
		return nil
	}
	return []string{fmt.Sprintf("it is %v", got)}
}

// stages reads the Dockerfile.
func (c *check) stages() ([]instructions.Stage, error) {
	f, err := os.Open(filepath.Join(c.tree, "Dockerfile"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	parsed, err := parser.Parse(f)
	if err != nil {
		return nil, err
	}
	stages, _, err := instructions.Parse(parsed.AST, nil)
	return stages, err
}

// baseLayers gives the layers of the image that the last stage starts from.
func (c *check) baseLayers(ctx context.Context) ([]string, error) {
	stages, err := c.stages()
	if err != nil {
		return nil, err
	}
	names, last := map[string]string{}, ""
	for _, s := range stages {
		base := s.BaseName
		if of, ok := names[base]; ok {
			base = of
		}
		names[s.Name] = base
		last = base
	}
	if last == "scratch" {
		return nil, nil
	}
	if _, err := inspect(ctx, last, "{{.Id}}"); err != nil {
		if _, err := docker(ctx, "pull", last); err != nil {
			return nil, err
		}
	}
	text, err := inspect(ctx, last, "{{json .RootFS.Layers}}")
	if err != nil {
		return nil, err
	}
	var layers []string
	return layers, json.Unmarshal([]byte(text), &layers)
}
