// Circlesteps writes each run step of a CircleCI configuration as a shell script, and refuses steps and keys that
// CircleCI does not have, which its schema lets through: go run ./.ci/circlesteps FILE DIR
package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v4"
)

// config has the keys that generated projects use, and no others.
type config struct {
	Version   string
	Jobs      map[string]job
	Workflows map[string]struct {
		Jobs []map[string]struct {
			Requires []string
			Context  string
			Filters  string
		}
	}
}

type job struct {
	Machine struct{ Image string }
	Steps   []any
}

// others are CircleCI's own steps beside run, as far as generated projects use them.
var others = []string{"attach_workspace", "checkout", "persist_to_workspace", "store_artifacts"}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 3 {
		log.Fatal("usage: go run ./.ci/circlesteps FILE DIR")
	}
	scripts, err := read(os.Args[1])
	if err == nil {
		err = write(scripts, os.Args[2])
	}
	if err != nil {
		log.Fatalf("%s: %v", os.Args[1], err)
	}
}

// read gives the scripts by file name, such as build-02.sh.
func read(file string) (map[string]string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var c config
	if err := yaml.Load(data, &c, yaml.WithKnownFields()); err != nil {
		return nil, err
	}
	scripts := map[string]string{}
	for name, j := range c.Jobs {
		for i, s := range j.Steps {
			command, err := script(s)
			if err != nil {
				return nil, fmt.Errorf("job %s: step %d: %w", name, i+1, err)
			}
			if command != "" {
				scripts[fmt.Sprintf("%s-%02d.sh", name, i+1)] = "#!/bin/bash\nset -eo pipefail\n" + command + "\n"
			}
		}
	}
	if len(scripts) == 0 {
		return nil, errors.New("it runs nothing")
	}
	return scripts, nil
}

// script is what a run step runs, and empty for other steps.
func script(step any) (string, error) {
	m, ok := step.(map[string]any)
	if !ok {
		m = map[string]any{fmt.Sprint(step): nil}
	}
	for kind, settings := range m {
		switch {
		case len(m) > 1 || kind != "run" && !slices.Contains(others, kind):
			return "", fmt.Errorf("unknown step %v", step)
		case kind != "run":
			return "", nil
		}
		command, ok := settings.(string)
		if !ok {
			settings, _ := settings.(map[string]any)
			command, _ = settings["command"].(string)
		}
		if command != "" {
			return command, nil
		}
	}
	return "", errors.New("run has no command")
}

func write(scripts map[string]string, dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range scripts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755); err != nil {
			return err
		}
	}
	return nil
}
