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

// read returns the jobs of the project's CI configuration.
func read(dir string) (map[string][]step, error) {
	file, parse := filepath.Join(dir, "circle.yml"), circleJobs
	if _, err := os.Stat(file); err != nil {
		file, parse = filepath.Join(dir, ".github", "workflows", "ci.yml"), workflowJobs
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	jobs, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if len(jobs) != 2 || len(jobs["build"]) == 0 || len(jobs["push"]) == 0 {
		return nil, fmt.Errorf("%s: want the jobs build and push", file)
	}
	return jobs, nil
}

// parseJobs reads the steps of each job.
func parseJobs(all map[string][]any, parse func(any) (step, error)) (map[string][]step, error) {
	jobs := map[string][]step{}
	for name, steps := range all {
		for i, raw := range steps {
			s, err := parse(raw)
			if err != nil {
				return nil, fmt.Errorf("job %s: step %d: %w", name, i+1, err)
			}
			jobs[name] = append(jobs[name], s)
		}
	}
	return jobs, nil
}

// workflowJobs reads a workflow of GitHub Actions.
func workflowJobs(data []byte) (map[string][]step, error) {
	var config struct {
		Jobs map[string]struct{ Steps []any }
	}
	if err := yaml.Unmarshal(data, &config); err != nil {
		return nil, err
	}
	all := map[string][]any{}
	for name, job := range config.Jobs {
		all[name] = job.Steps
	}
	return parseJobs(all, workflow)
}

// workflow reads a step of GitHub Actions.
func workflow(raw any) (step, error) {
	m, _ := raw.(map[string]any)
	with, _ := m["with"].(map[string]any)
	condition := text(m["if"])
	if condition != "" && condition != "always()" {
		return step{}, fmt.Errorf("unknown condition: %s", condition)
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
		return step{}, fmt.Errorf("unknown action: %s", action)
	}
	return s, nil
}

func text(value any) string {
	if value == nil {
		return ""
	}
	return fmt.Sprint(value)
}
