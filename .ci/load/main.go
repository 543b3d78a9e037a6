// Command load checks a service against the project's requirements under load, or measures it.
//
//	go run ./.ci/load --dir DIR [--checks NAME,...] [--soak] -- COMMAND [ARG...]
//	go run ./.ci/load --bench --dir DIR --bare 'COMMAND [ARG...]' -- COMMAND [ARG...]
//
// The first runs COMMAND in DIR with PORT set, prints a line for each check and exits 1 if one failed. The second compares
// its throughput with that of a bare program, in turn. Both need wrk. Without a list, all checks run: stop, memory, slow,
// bodies and heartbeats. The last needs a machine that does nothing else. The memory is watched for as long as a loss of
// some 150 bytes a request takes to show, and for minutes with --soak.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
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
	l, bench, err := parse(args, out, errs)
	if err != nil {
		fmt.Fprintln(errs, "load:", err)
		return 2
	}
	do := l.all
	if bench != nil {
		do = bench.all
	}
	if err := do(ctx); err != nil {
		fmt.Fprintln(errs, "load:", err)
		return 2
	}
	fmt.Fprintf(out, "%d passed, %d failed\n", l.passed, l.failed)
	if l.failed > 0 {
		return 1
	}
	return 0
}

// parse returns a bench where one is asked for.
func parse(args []string, out, errs io.Writer) (*load, *bench, error) {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.SetOutput(errs)
	dir := flags.String("dir", ".", "where the command runs")
	measure := flags.Bool("bench", false, "compare the throughput with that of --bare")
	bare := flags.String("bare", "", "the command of the bare program")
	names := flags.String("checks", strings.Join(checkNames, ","), "which checks run")
	soak := flags.Bool("soak", false, "watch the memory for minutes")
	rounds := flags.Int("rounds", 3, "how often --bench restarts both")
	if err := flags.Parse(args); err != nil {
		return nil, nil, err
	}
	if flags.NArg() == 0 {
		return nil, nil, errors.New("no command: load --dir DIR -- COMMAND [ARG...]")
	}
	l := &load{
		out: out, program: program{dir: *dir, command: flags.Args()},
		ready: time.Minute, grace: 15 * time.Second, connections: 64,
		warmUp: 5 * time.Second, full: 20 * time.Second, half: 5 * time.Second, slow: 45 * time.Second,
		prompt: 100 * time.Millisecond, checks: strings.Split(*names, ","),
	}
	if *soak {
		l.warmUp, l.full, l.half = 15*time.Second, time.Minute, 10*time.Second
	}
	for _, name := range l.checks {
		if !slices.Contains(checkNames, name) {
			return nil, nil, fmt.Errorf("no check %q: there are %s", name, strings.Join(checkNames, ", "))
		}
	}
	if !*measure {
		return l, nil, nil
	}
	if *bare == "" {
		return nil, nil, errors.New("--bench has nothing to compare with: name a command with --bare")
	}
	return l, &bench{load: l, bare: program{dir: *dir, command: strings.Fields(*bare)}, rounds: *rounds,
		warmUp: 2 * time.Second, bout: time.Second, pairs: 6}, nil
}
