// Steps runs a generated project's CI configuration as it stands, with Docker Hub answered by a registry on this machine:
//
//	go run ./.ci/container/steps DIR [TAG]
//	go run ./.ci/container/steps --scripts OUT DIR
//
// It clones the project, runs the commands of the jobs of circle.yml or of the workflow in their order, for the branch
// main or for TAG, and wants the image that was tested in the registry: but not without credentials. With --scripts it only
// writes what the jobs run to files in OUT.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

func main() {
	log.SetFlags(0)
	out := flag.String("scripts", "", "write the scripts of the steps to this folder, and run nothing")
	flag.Parse()
	if flag.NArg() < 1 || flag.NArg() > 2 {
		log.Fatal("usage: go run ./.ci/container/steps [--scripts OUT] DIR [TAG]")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, flag.Arg(0), flag.Arg(1), *out)
	stop()
	if err != nil {
		log.Fatal("steps: ", err)
	}
}

func run(ctx context.Context, dir, tag, scripts string) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	jobs, err := read(dir)
	if err != nil {
		return err
	}
	if scripts != "" {
		return writeScripts(jobs, scripts)
	}
	work, err := os.MkdirTemp("", "dockerflow-steps.")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	r := runner{work: work, project: dir, registry: registry{work: work}}
	r.cleanUp() // what a run leaves that was killed
	defer r.cleanUp()
	if err := r.registry.start(ctx); err != nil {
		return err
	}
	defer r.registry.Kill()
	if err := r.environment(ctx, tag); err != nil {
		return err
	}
	return r.pipeline(ctx, jobs, tag)
}

// pipeline runs the build on one machine, and the push on another: it has what the build handed on, and nothing else.
func (r *runner) pipeline(ctx context.Context, jobs map[string][]step, tag string) error {
	if err := r.job(ctx, jobs["build"], "build"); err != nil {
		return err
	}
	tested, err := identity(ctx, "app")
	if err != nil {
		return err
	}
	r.cleanUp()

	pushed := "example/steps:latest"
	if tag != "" {
		pushed = "example/steps:" + tag
	}
	if err := r.job(ctx, jobs["push"], "push-without-credentials"); err != nil {
		return err
	}
	if digests, err := r.registry.digests(ctx, pushed); err == nil {
		return fmt.Errorf("without credentials %s was pushed: %v", pushed, digests)
	}
	r.secrets["DOCKER_USER"], r.secrets["DOCKER_PASS"] = user, password
	if err := r.job(ctx, jobs["push"], "push"); err != nil {
		return err
	}
	digests, err := r.registry.digests(ctx, pushed)
	if err != nil {
		return err
	}
	for _, d := range digests {
		if d == tested {
			fmt.Printf("\n%s in the registry is the image that was tested: %s\n", pushed, tested)
			return nil
		}
	}
	return fmt.Errorf("the registry has %v, tested was %s", digests, tested)
}

// identity is the digest by which the engine knows a container's image: of its manifest or of its configuration.
func identity(ctx context.Context, container string) (string, error) {
	out, err := exec.CommandContext(ctx, "docker", "container", "inspect", "--format", "{{.Image}}", container).Output()
	if err != nil {
		return "", errors.New("the build job leaves no container " + container)
	}
	return strings.TrimSpace(string(out)), nil
}
