package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v4"
)

// circleConfig has the keys that generated projects use, and no others: CircleCI's schema lets through what it does not
// have.
type circleConfig struct {
	Version string
	Jobs    map[string]struct {
		Machine struct{ Image string }
		Steps   []any
	}
	Workflows map[string]struct {
		Jobs []map[string]struct {
			Requires []string
			Context  string
			Filters  string
		}
	}
}

func circleJobs(data []byte) (map[string][]step, error) {
	var config circleConfig
	if err := yaml.Load(data, &config, yaml.WithKnownFields()); err != nil {
		return nil, err
	}
	all := map[string][]any{}
	for name, job := range config.Jobs {
		all[name] = job.Steps
	}
	return parseJobs(all, circle)
}

// circle reads a step of CircleCI, and refuses those that generated projects do not use.
func circle(raw any) (step, error) {
	m, ok := raw.(map[string]any)
	if !ok {
		m = map[string]any{fmt.Sprint(raw): nil}
	}
	if len(m) != 1 {
		return step{}, fmt.Errorf("unknown step %v", raw)
	}
	for kind, value := range m {
		settings, _ := value.(map[string]any)
		switch kind {
		case "run":
			return circleRun(value, settings)
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
	return step{}, fmt.Errorf("unknown step %v", raw)
}

func circleRun(value any, settings map[string]any) (step, error) {
	s := step{name: text(settings["name"]), script: text(settings["command"]), always: settings["when"] == "always"}
	if script, ok := value.(string); ok {
		s = step{name: script, script: script}
	}
	if s.script == "" {
		return step{}, errors.New("run has no command")
	}
	return s, nil
}

// writeScripts writes each script that the jobs run to a file of its own, such as build-02.sh, for shellcheck.
func writeScripts(jobs map[string][]step, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range scripts(jobs) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			return err
		}
	}
	return nil
}

func scripts(jobs map[string][]step) map[string]string {
	all := map[string]string{}
	for name, steps := range jobs {
		for i, s := range steps {
			if s.script != "" {
				all[fmt.Sprintf("%s-%02d.sh", name, i+1)] = "#!/bin/bash\nset -eo pipefail\n" + s.script + "\n"
			}
		}
	}
	return all
}
