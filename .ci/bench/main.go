// Bench measures the program against the smallest ones that do the same: go run ./.ci/bench
//
// Every figure comes with its reference, run in turn with it, and is a median. Trees are written to memory (/dev/shm):
// on a disk file system, deleting one tree just before creating the next falsifies times.
package main

import (
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	work, err := os.MkdirTemp("/dev/shm", "dockerflow-bench-")
	if err != nil {
		log.Fatal(err)
	}
	code := 0
	if err := bench(work); err != nil {
		log.Print(err)
		code = 1
	}
	os.RemoveAll(work)
	os.Exit(code)
}

func bench(work string) error {
	p, err := build(work)
	if err != nil {
		return err
	}
	info, err := os.Stat(p.released)
	if err != nil {
		return err
	}
	fmt.Printf("binary, stripped                  %6.2f MB\n", float64(info.Size())/1e6)
	if err := compare("version", 200, 0, []string{p.released, "version"}, []string{p.empty}); err != nil {
		return err
	}
	for _, c := range []struct {
		template string
		rounds   int
	}{{"go", 200}, {"bench2000", 20}, {"bench10000", 10}} {
		if err := writing(p, c.template, c.rounds, work); err != nil {
			return err
		}
	}
	if err := batching(p, 1000, 10, work); err != nil {
		return err
	}
	for template, rounds := range map[string]int{"go": 50, "bench2000": 10} {
		if err := updating(p, template, rounds, work); err != nil {
			return err
		}
	}
	if err := checking(p, work); err != nil {
		return err
	}
	for _, answers := range []bool{true, false} {
		if err := firstPrompt(p.released, answers, 50); err != nil {
			return err
		}
	}
	return nil
}

// checking compares `check` of a service of each template with the smallest program.
func checking(p *programs, work string) error {
	for _, template := range []string{"go", "node", "python"} {
		dir := filepath.Join(work, "check-"+template)
		if _, err := once([]string{p.released, "new", dir, "--template", template, "--name", "hello", "--yes", "--no-git"}); err != nil {
			return err
		}
		if err := compare("check, "+template, 200, 0, []string{p.released, "check", dir}, []string{p.empty}); err != nil {
			return err
		}
	}
	return nil
}

// writing compares `new` with the program that embeds and writes the same files.
func writing(p *programs, template string, rounds int, work string) error {
	out := filepath.Join(work, "out")
	minimal, files, err := p.embedding("minimal-"+template, template, minimalSource)
	if err != nil {
		return err
	}
	program := p.dockerflow
	if template == "go" {
		program = p.released
	}
	ours := []string{program, "new", out, "--template", template, "--name", "hello", "--yes", "--no-git"}
	return compare(fmt.Sprintf("new, %d files", files), rounds, files, ours, []string{minimal, out})
}

// sample is the cost of one run.
type sample struct {
	wall time.Duration
	peak int64 // bytes
}

// compare runs two commands in turn and prints medians. What they write, their last argument says; it is removed
// between runs.
func compare(what string, rounds, files int, ours, reference []string) error {
	var a, b []sample
	for range rounds {
		for _, side := range []struct {
			args []string
			into *[]sample
		}{{ours, &a}, {reference, &b}} {
			s, err := once(side.args)
			if err != nil {
				return err
			}
			*side.into = append(*side.into, s)
			if files > 0 {
				if err := os.RemoveAll(reference[len(reference)-1]); err != nil {
					return err
				}
			}
		}
	}
	x, y := median(a), median(b)
	fmt.Printf("%-22s ours %8.2f ms, reference %8.2f ms: %.2f times, %+.2f ms; peak %.1f MiB\n", what,
		ms(x.wall), ms(y.wall), float64(x.wall)/float64(y.wall), ms(x.wall-y.wall), float64(x.peak)/(1<<20))
	return nil
}

func once(args []string) (sample, error) {
	c := exec.Command(args[0], args[1:]...)
	start := time.Now()
	out, err := c.CombinedOutput()
	wall := time.Since(start)
	if err != nil {
		return sample{}, fmt.Errorf("%v: %w: %s", args, err, out)
	}
	return sample{wall, c.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10}, nil
}

func median(s []sample) sample {
	walls, peaks := make([]time.Duration, 0, len(s)), make([]int64, 0, len(s))
	for _, x := range s {
		walls, peaks = append(walls, x.wall), append(peaks, x.peak)
	}
	slices.Sort(walls)
	slices.Sort(peaks)
	return sample{walls[len(walls)/2], peaks[len(peaks)/2]}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
