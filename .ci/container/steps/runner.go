package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// runner runs jobs as a CI does.
type runner struct {
	work, project string
	registry      registry
	env           []string
	secrets       map[string]string // what CI's settings hold: in the environment of CircleCI, by expressions in a workflow
}

// environment sets the variables of both CI services.
func (r *runner) environment(ctx context.Context, tag string) error {
	out, err := exec.CommandContext(ctx, "git", "-C", r.project, "rev-parse", "HEAD").Output()
	if err != nil {
		return fmt.Errorf("git rev-parse: %w", err)
	}
	sha := strings.TrimSpace(string(out))
	config, err := r.shim()
	if err != nil {
		return err
	}
	kind, name := "branch", "main"
	if tag != "" {
		kind, name = "tag", tag
	}
	r.secrets = map[string]string{"DOCKERHUB_REPO": r.registry.address + "/example/steps"}
	r.env = append(os.Environ(), "PATH="+r.work+"/bin:"+os.Getenv("PATH"), "DOCKER_CONFIG="+config,
		"CI=true", "CIRCLE_SHA1="+sha, "CIRCLE_PROJECT_USERNAME=example", "CIRCLE_PROJECT_REPONAME=steps",
		"CIRCLE_BUILD_URL=https://circleci.com/gh/example/steps/1",
		"GITHUB_SHA="+sha, "GITHUB_REF_TYPE="+kind, "GITHUB_REF_NAME="+name, "GITHUB_SERVER_URL=https://github.com",
		"GITHUB_REPOSITORY=example/steps", "GITHUB_RUN_ID=1")
	if tag != "" {
		r.env = append(r.env, "CIRCLE_TAG="+tag)
	}
	return nil
}

// shim has docker login mean the registry here rather than Docker Hub, and keep what it is told to itself.
func (r *runner) shim() (config string, err error) {
	docker, err := exec.LookPath("docker")
	if err != nil {
		return "", err
	}
	script := fmt.Sprintf("#!/bin/sh\nif [ \"$1\" = login ]; then set -- \"$@\" %s; fi\nexec %s \"$@\"\n", r.registry.address, docker)
	config = filepath.Join(r.work, "config")
	if err := errors.Join(os.Mkdir(filepath.Join(r.work, "bin"), 0o755), os.Mkdir(config, 0o755)); err != nil {
		return "", err
	}
	from := os.Getenv("DOCKER_CONFIG")
	if from == "" {
		from = filepath.Join(os.Getenv("HOME"), ".docker")
	}
	settings := map[string]any{}
	if data, err := os.ReadFile(filepath.Join(from, "config.json")); err == nil {
		_ = json.Unmarshal(data, &settings)
	}
	data, err := json.Marshal(map[string]any{"cliPluginsExtraDirs": settings["cliPluginsExtraDirs"]})
	if err != nil {
		return "", err
	}
	return config, errors.Join(os.WriteFile(filepath.Join(config, "config.json"), data, 0o644),
		os.WriteFile(filepath.Join(r.work, "bin", "docker"), []byte(script), 0o755))
}

// job runs steps in a folder of their own. After one that failed, only those run that always do.
func (r *runner) job(ctx context.Context, steps []step, name string) error {
	dir := filepath.Join(r.work, name)
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	var failed error
	for _, s := range steps {
		if failed != nil && !s.always {
			continue
		}
		if err := r.step(ctx, s, dir); err != nil && failed == nil {
			failed = fmt.Errorf("job %s: step %q: %w", name, s.name+s.does, err)
		}
	}
	return failed
}

var expression = regexp.MustCompile(`\$\{\{ *(?:secrets|vars)\.(\w+) *\}\}`)

func (r *runner) step(ctx context.Context, s step, dir string) error {
	kept := filepath.Join(r.work, "kept")
	switch s.does {
	case "checkout":
		return r.command(ctx, dir, nil, "git", "clone", "--quiet", r.project, ".")
	case "keep":
		return r.command(ctx, dir, nil, "sh", "-c", `mkdir -p "$1" && cp -r "$2" "$1/"`, "sh", kept, s.path)
	case "take":
		return r.command(ctx, dir, nil, "cp", filepath.Join(kept, "image.tar"), ".")
	case "store":
		return r.command(ctx, dir, nil, "ls", s.path)
	case "":
	default:
		return nil
	}
	fmt.Printf("\n== %s\n", s.name)
	env := []string{}
	for name, value := range s.env {
		env = append(env, name+"="+expression.ReplaceAllStringFunc(value, func(e string) string {
			return r.secrets[expression.FindStringSubmatch(e)[1]]
		}))
	}
	if s.env == nil { // CircleCI's
		for name, value := range r.secrets {
			env = append(env, name+"="+value)
		}
	}
	script := filepath.Join(r.work, "script.sh")
	if err := os.WriteFile(script, []byte(s.script), 0o644); err != nil {
		return err
	}
	return r.command(ctx, dir, env, "bash", "--noprofile", "--norc", "-eo", "pipefail", script)
}

func (r *runner) command(ctx context.Context, dir string, env []string, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, slices.Concat(r.env, env), os.Stdout, os.Stdout
	return cmd.Run()
}

// cleanUp makes the engine that of a new machine, but for its cache.
func (r *runner) cleanUp() {
	ctx := context.Background()
	_ = exec.CommandContext(ctx, "docker", "rm", "--force", "app").Run()
	images := []string{"app:build", "app:test"}
	pushed := r.registry.address + "/example/steps"
	if out, err := exec.CommandContext(ctx, "docker", "image", "ls", "--format", "{{.Repository}}:{{.Tag}}", pushed).Output(); err == nil {
		images = append(images, strings.Fields(string(out))...)
	}
	_ = exec.CommandContext(ctx, "docker", append([]string{"image", "rm", "--force"}, images...)...).Run()
}
