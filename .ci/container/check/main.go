// Check builds a generated project's image and checks it against the contract, with the docker command alone:
//
//	go run ./.ci/container/check [--probe COMMAND] DIR
//	go run ./.ci/container/check --self-test DIR
//
// It prints a line for each check, and exits 1 if one failed. The self-test builds images that break one rule each from
// that of a Node project, and wants each to be found, by its rule alone.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sync/errgroup"

	"dockerflow/generator/contract"
)

// check is one run on a copy of a project, in which things are planted that no image may hold.
type check struct {
	work, tree    string // tree is the copy
	source        string // a source file, below tree
	language      *language
	image, cached *contract.Image // as it was built first, and again
	steps         []step
	probe         []string // its command
	out           io.Writer
	failed        int
}

func main() {
	log.SetFlags(0)
	selfTest := flag.Bool("self-test", false, "check that broken images fail the rules that they break")
	probe := flag.String("probe", "go run ./.ci/probe", "the command of the probe")
	flag.Parse()
	if flag.NArg() != 1 {
		log.Fatal("usage: go run ./.ci/container/check [--self-test] [--probe COMMAND] DIR")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	failed, err := run(ctx, flag.Arg(0), strings.Fields(*probe), *selfTest)
	stop()
	if err != nil {
		log.Fatal("check: ", err)
	}
	if failed > 0 {
		log.Fatalf("%d failed", failed)
	}
}

func run(ctx context.Context, dir string, probe []string, selfTest bool) (failed int, err error) {
	work, err := os.MkdirTemp("", "dockerflow-check.")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(work)
	defer cleanUp()
	c := &check{work: work, tree: filepath.Join(work, "tree"), out: os.Stdout, probe: probe}
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
	for _, part := range []func(context.Context) error{c.build, c.contents, c.again, c.changes, c.outOfStep, c.buildOthers} {
		if err := part(ctx); err != nil {
			return c.failed, err
		}
	}
	err = c.sideBySide(ctx, (*check).judge, health("8000"), health("21234"), (*check).contract, (*check).test)
	return c.failed, err
}

// sideBySide runs parts that mostly wait for containers, and prints what they report one after the other.
func (c *check) sideBySide(ctx context.Context, parts ...func(*check, context.Context) error) error {
	group, ctx := errgroup.WithContext(ctx)
	texts, failed := make([]bytes.Buffer, len(parts)), make([]int, len(parts))
	for i, part := range parts {
		group.Go(func() error {
			mine := *c
			mine.out, mine.failed = &texts[i], 0
			err := part(&mine, ctx)
			failed[i] = mine.failed
			return err
		})
	}
	err := group.Wait()
	for i := range parts {
		_, _ = texts[i].WriteTo(c.out)
		c.failed += failed[i]
	}
	return err
}

// report prints the result of one check, which passes if there are no problems.
func (c *check) report(rule, what string, problems ...string) {
	if len(problems) == 0 {
		fmt.Fprintf(c.out, "ok %s %s\n", rule, what)
		return
	}
	c.failed++
	fmt.Fprintf(c.out, "FAIL %s %s\n", rule, what)
	const most = 10
	for i, p := range problems {
		if i == most {
			fmt.Fprintf(c.out, "    and %d more\n", len(problems)-most)
			break
		}
		fmt.Fprintf(c.out, "    %s\n", p)
	}
}

func copyTree(ctx context.Context, from, to string) error {
	out, err := exec.CommandContext(ctx, "cp", "-a", from, to).CombinedOutput()
	if err != nil {
		return fmt.Errorf("cp: %w: %s", err, out)
	}
	return nil
}
