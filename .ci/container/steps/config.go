package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"
)

// step is one of a job's, of whichever CI.
type step struct {
	name   string
	script string            // what it runs, or
	does   string            // checkout, keep (a path for later jobs), take (all that was kept) or store (an artifact)
	path   string            // of keep and store
	env    map[string]string // with the workflow's expressions
	always bool              // after a failure, too
}

// read gives the jobs of the project's CI configuration.
func read(dir string) (map[string][]step, error) {
	file, parse := filepath.Join(dir, "circle.yml"), circle
	if _, err := os.Stat(file); err != nil {
		file, parse = filepath.Join(dir, ".github", "workflows", "ci.yml"), workflow
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var config struct {
		Jobs map[string]struct{ Steps []any }
	}
	if err := yaml.Unmarshal(data, &config); err != nil {
		return nil, err
	}
	jobs := map[string][]step{}
	for name, job := range config.Jobs {
		for _, raw := range job.Steps {
			s, err := parse(raw)
			if err != nil {
				return nil, fmt.Errorf("%s: job %s: %w", file, name, err)
			}
			jobs[name] = append(jobs[name], s)
		}
	}
	if len(jobs) != 2 || len(jobs["build"]) == 0 || len(jobs["push"]) == 0 {
		return nil, fmt.Errorf("%s: want the jobs build and push", file)
	}
	return jobs, nil
}

// circle reads a step of CircleCI.
func circle(raw any) (step, error) {
	m, ok := raw.(map[string]any)
	if !ok {
		m = map[string]any{fmt.Sprint(raw): nil}
	}
	for kind, value := range m {
		settings, _ := value.(map[string]any)
		switch kind {
		case "run":
			if script, ok := value.(string); ok {
				return step{script: script, name: script}, nil
			}
			s := step{name: text(settings["name"]), script: text(settings["command"]), always: settings["when"] == "always"}
			return s, nil
		case "checkout":
			return step{does: "checkout"}, nil
		case "store_artifacts":
			return step{does: "store", path: text(settings["path"])}, nil
		case "persist_to_workspace":
			paths, _ := settings["paths"].([]any)
			if len(paths) == 1 && settings["root"] == "." {
				return step{does: "keep", path: text(paths[0])}, nil
			}
		case "attach_workspace":
			return step{does: "take"}, nil
		}
	}
	return step{}, fmt.Errorf("a step that this does not know: %v", raw)
}

// workflow reads a step of GitHub Actions.
func workflow(raw any) (step, error) {
	m, _ := raw.(map[string]any)
	with, _ := m["with"].(map[string]any)
	condition := text(m["if"])
	if condition != "" && condition != "always()" {
		return step{}, fmt.Errorf("a condition that this does not know: %s", condition)
	}
	s := step{name: text(m["name"]), script: text(m["run"]), always: condition != "", env: map[string]string{}}
	env, _ := m["env"].(map[string]any)
	for name, value := range env {
		s.env[name] = text(value)
	}
	action, _, _ := strings.Cut(text(m["uses"]), "@")
	switch action {
	case "":
	case "actions/checkout":
		s.does = "checkout"
	case "actions/upload-artifact":
		s.does, s.path = "keep", text(with["path"])
	case "actions/download-artifact":
		s.does = "take"
	case "docker/setup-buildx-action", "crazy-max/ghaction-github-runtime":
		s.does = "nothing here"
	default:
		return step{}, fmt.Errorf("an action that this does not know: %s", action)
	}
	return s, nil
}

func text(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}
