// Check builds a generated project's image and holds it against the contract, by the docker command alone:
//
//	go run ./.ci/container/check DIR
//	go run ./.ci/container/check --self-test DIR
//
// It prints a line for each check, and exits 1 if one failed. The self-test builds images that break one rule each from
// that of a Node project, and wants each to be found, by its rule alone.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"dockerflow/generator/spec/image"
)

// check is one run on a copy of a project, in which things are planted that no image may hold.
type check struct {
	work, tree    string // tree is the copy
	source        string // a source file, below tree
	language      *language
	image, cached *image.Image // as it was built first, and again
	steps         []step
	failed        int
}

func main() {
	log.SetFlags(0)
	args := os.Args[1:]
	selfTest := len(args) > 0 && args[0] == "--self-test"
	if selfTest {
		args = args[1:]
	}
	if len(args) != 1 {
		log.Fatal("usage: go run ./.ci/container/check [--self-test] DIR")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	failed, err := run(ctx, args[0], selfTest)
	stop()
	if err != nil {
		log.Fatal("check: ", err)
	}
	if failed > 0 {
		log.Fatalf("%d failed", failed)
	}
}

func run(ctx context.Context, dir string, selfTest bool) (failed int, err error) {
	work, err := os.MkdirTemp("", "dockerflow-check.")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(work)
	defer cleanUp()
	c := &check{work: work, tree: filepath.Join(work, "tree")}
	if err := copyTree(ctx, dir, c.tree); err != nil {
		return 0, err
	}
	if selfTest {
		err := c.selfTest(ctx)
		return c.failed, err
	}
	if err := c.findFiles(); err != nil {
		return 0, err
	}
	if err := c.plant(); err != nil {
		return 0, err
	}
	for _, part := range []func(context.Context) error{
		c.build, c.contents, c.again, c.changes, c.outOfStep, c.judge, c.health, c.contract, c.test,
	} {
		if err := part(ctx); err != nil {
			return c.failed, err
		}
	}
	return c.failed, nil
}

// report prints what became of one check. It passed if there are no problems.
func (c *check) report(rule, what string, problems ...string) {
	if len(problems) == 0 {
		fmt.Printf("ok %s %s\n", rule, what)
		return
	}
	c.failed++
	fmt.Printf("FAIL %s %s\n", rule, what)
	const most = 10
	for i, p := range problems {
		if i == most {
			fmt.Printf("    and %d more\n", len(problems)-most)
			break
		}
		fmt.Printf("    %s\n", p)
	}
}

func copyTree(ctx context.Context, from, to string) error {
	out, err := exec.CommandContext(ctx, "cp", "-a", from, to).CombinedOutput()
	if err != nil {
		return fmt.Errorf("cp: %w: %s", err, out)
	}
	return nil
}
