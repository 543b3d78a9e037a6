package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

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

// baseLayers returns the layers of the image that the last stage starts from.
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
