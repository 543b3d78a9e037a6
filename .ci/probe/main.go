// Command probe starts a service and checks it against the live rules of the Dockerflow contract.
//
//	go run ./.ci/probe --dir DIR [--version-file FILE] -- COMMAND [ARG...]
//
// It runs COMMAND in DIR, many times, with PORT and the other variables of the contract set; prints a line for each
// check; and exits 1 if one failed. While it tries the service without its version.json, that file is beside its
// place as .version.json.probe: were the probe killed then, its next run puts the file back.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, out, errs io.Writer) int {
	p, err := parse(args, out, errs)
	if err != nil {
		fmt.Fprintln(errs, "probe:", err)
		return 2
	}
	if err := p.all(ctx); err != nil {
		fmt.Fprintln(errs, "probe:", err)
		return 2
	}
	fmt.Fprintf(out, "%d passed, %d failed\n", p.passed, p.failed)
	if p.failed > 0 {
		return 1
	}
	return 0
}

func parse(args []string, out, errs io.Writer) (*probe, error) {
	flags := flag.NewFlagSet("probe", flag.ContinueOnError)
	flags.SetOutput(errs)
	dir := flags.String("dir", ".", "where the command runs")
	file := flags.String("version-file", "", "the service's version.json (default DIR/version.json)")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() == 0 {
		return nil, errors.New("no command: probe --dir DIR -- COMMAND [ARG...]")
	}
	if *file == "" {
		*file = filepath.Join(*dir, "version.json")
	}
	return &probe{
		out: out, dir: *dir, versionFile: *file, command: flags.Args(),
		ready: 60 * time.Second, grace: 15 * time.Second, limit: 5 * time.Second,
	}, nil
}
