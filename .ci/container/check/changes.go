package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"dockerflow/generator/contract"
)

// changes checks that a build repeats only the steps that depend on a change.
func (c *check) changes(ctx context.Context) error {
	source, _, err := c.change(ctx, c.source, "source", appended(c.language.line))
	if err != nil {
		return err
	}
	var problems []string
	for _, s := range rerun(source) {
		if installs.MatchString(s.text) {
			problems = append(problems, "ran again: "+s.String())
		}
	}
	what := "a changed line in " + filepath.Base(c.source)
	c.report("S7", what+" installs nothing again", problems...)
	if err := c.newLayers(ctx, what); err != nil {
		return err
	}

	manifest := filepath.Join(c.tree, c.language.manifest)
	steps, _, err := c.change(ctx, manifest, "manifest", c.language.comment)
	if err != nil {
		return err
	}
	before, err := c.beforeManifest()
	if err != nil {
		return err
	}
	early := slices.DeleteFunc(rerun(steps), func(s step) bool { return !before[s.place] })
	c.report("S7", "a changed "+c.language.manifest+" repeats no step before it", texts(early)...)

	steps, _, err = c.change(ctx, filepath.Join(c.tree, "version.json"), "version", func(s string) string {
		return strings.Replace(s, `"build"`, `"more": "`+tag+`", "build"`, 1)
	})
	if err != nil {
		return err
	}
	again := rerun(steps)
	problems = nil
	if len(again) != 1 || !strings.HasPrefix(again[0].text, "COPY ") || !strings.Contains(again[0].text, "version.json") {
		problems = append(texts(again), fmt.Sprintf("%d steps ran again", len(again)))
	}
	c.report("S7", "a new version.json repeats its own COPY only", problems...)
	return nil
}

func appended(text string) func(string) string { return func(s string) string { return s + text } }

// newLayers requires that only the application is in the layers that the changed source made.
func (c *check) newLayers(ctx context.Context, what string) error {
	changed, err := readImage(ctx, tag+":source")
	if err != nil {
		return err
	}
	var problems []string
	var size int64
	fresh := 0
	for _, l := range changed.Layers {
		if slices.ContainsFunc(c.cached.Layers, func(old contract.Layer) bool { return old.DiffID == l.DiffID }) {
			continue
		}
		fresh++
		size += l.Size
		for _, f := range l.Files {
			if f.Dir() || strings.HasPrefix(f.Name, "app/") && !dependency(f.Name) {
				continue
			}
			problems = append(problems, "it holds "+f.Name)
		}
	}
	if fresh == 0 {
		problems = append(problems, "it made no new layer")
	}
	c.report("S7", fmt.Sprintf("%s: %d new layers of %d bytes hold the application alone", what, fresh, size), problems...)
	return nil
}

// beforeManifest returns the positions of the steps that come before the first COPY of the manifest in the Dockerfile.
func (c *check) beforeManifest() (map[string]bool, error) {
	stages, err := c.stages()
	if err != nil {
		return nil, err
	}
	before, names := map[string]bool{}, map[string]bool{"scratch": true}
	for i, stage := range stages {
		name, number := stage.Name, 0
		if name == "" {
			name = "stage-" + strconv.Itoa(i)
		}
		if !names[stage.BaseName] {
			number++ // its FROM
		}
		names[stage.Name] = true
		total := number
		for _, command := range stage.Commands {
			if isStep(command) {
				total++
			}
		}
		for _, command := range stage.Commands {
			if cp, ok := command.(*instructions.CopyCommand); ok && slices.Contains(cp.SourcePaths, c.language.manifest) {
				return before, nil
			}
			if isStep(command) {
				number++
				before[fmt.Sprintf("%s %d/%d", name, number, total)] = true
			}
		}
	}
	return nil, fmt.Errorf("no COPY of %s", c.language.manifest)
}

// isStep reports whether a build shows the command as a step.
func isStep(command instructions.Command) bool {
	switch command.(type) {
	case *instructions.RunCommand, *instructions.CopyCommand, *instructions.AddCommand, *instructions.WorkdirCommand:
		return true
	}
	return false
}
