// Kills kills the real program, and updates of a project, with SIGKILL at moments spread over their whole run, and
// checks each time that what is there then, or after the recovery, is the old tree or the new one.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"dockerflow/generator"
)

const files = 60 // of an update

func main() {
	times := flag.Int("times", 100, "how often each of them is killed")
	flag.Parse()
	run := func() error { return check(*times) }
	if flag.NArg() == 2 && flag.Arg(0) == "update" { // what is killed
		run = func() error { return update(flag.Arg(1)) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "kills:", err)
		os.Exit(1)
	}
}

// update changes all files of old.
func update(dir string) error {
	u := generator.Update{Dir: dir, State: filepath.Join(dir, generator.StateFolder)}
	before, after := old(), next()
	for p, f := range before {
		e := generator.Edit{Path: p, Old: &f}
		if f, ok := after[p]; ok {
			e.New = &f
		}
		u.Edits = append(u.Edits, e)
	}
	for p, f := range after {
		if _, ok := before[p]; !ok {
			u.Edits = append(u.Edits, generator.Edit{Path: p, New: &f})
		}
	}
	return u.Apply(context.Background(), generator.Disk{})
}

// old are files of which the update changes a third, removes a third and moves a third.
func old() generator.Tree { return tree("old", "gone", "from") }

func next() generator.Tree { return tree("old", "come", "to") }

func tree(folders ...string) generator.Tree {
	t := generator.Tree{}
	for i := range files {
		folder := folders[i%3]
		t[fmt.Sprintf("%s/%d/file", folder, i)] = generator.File{Mode: 0o644, Data: bytes.Repeat([]byte(strings.Join(folders, " ")+"\n"), 100+i)}
	}
	return t
}

// victim is what is killed.
type victim struct {
	name    string
	command func(dir string) []string // what runs in dir
	before  generator.Tree
	fresh   bool // dir does not exist before
}

func check(times int) error {
	work, err := os.MkdirTemp("", "kills")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	program, self := filepath.Join(work, "dockerflow"), filepath.Join(work, "kills")
	for out, pkg := range map[string]string{program: "./cmd/dockerflow", self: "./.ci/kills"} {
		if out, err := exec.Command("go", "build", "-o", out, pkg).CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", pkg, err, out)
		}
	}
	newIn := func(dir string) []string {
		return []string{program, "new", dir, "--template", "go", "--name", "hello", "--yes", "--no-git", "--on-conflict", "overwrite"}
	}
	mine := func(data string) generator.File { return generator.File{Mode: 0o600, Data: []byte(data)} }
	for _, v := range []victim{
		{"new", newIn, nil, true},
		{"new into a folder", newIn, generator.Tree{"README.md": mine("mine\n"), "Dockerfile": mine("mine too\n"), "src/x": mine("x")}, false},
		{"update", func(dir string) []string { return []string{self, "update", dir} }, old(), false},
	} {
		if err := v.check(filepath.Join(work, "victims"), times); err != nil {
			return fmt.Errorf("%s: %w", v.name, err)
		}
	}
	return nil
}

func (v victim) make(dir string) error {
	if v.fresh {
		return os.MkdirAll(filepath.Dir(dir), 0o755)
	}
	for p, f := range v.before {
		name := filepath.Join(dir, p)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, f.Data, f.Mode); err != nil {
			return err
		}
	}
	return nil
}

func (v victim) check(work string, times int) error {
	before, after, takes, err := v.undisturbed(filepath.Join(work, v.name, "whole"))
	if err != nil {
		return err
	}
	killed, recovered, complete, journals := 0, 0, 0, 0
	for i := range times {
		dir := filepath.Join(work, v.name, fmt.Sprint(i), "project")
		if err := v.make(dir); err != nil {
			return err
		}
		was, err := v.kill(dir, time.Duration(rand.Int64N(int64(takes)*11/10)))
		if err != nil {
			return err
		}
		if was {
			killed++
		}
		found, err := generator.Recover(generator.Disk{}, dir, filepath.Join(dir, generator.StateFolder))
		if err != nil {
			return fmt.Errorf("recover: %w", err)
		}
		if found.Phase != generator.None {
			journals++
		}
		got, err := look(dir)
		switch {
		case err != nil:
			return err
		case maps.Equal(got, before):
			recovered++
		case maps.Equal(got, after):
			complete++
		default:
			return fmt.Errorf("%s has neither the old tree nor the new one: %d paths, old %d, new %d", dir, len(got), len(before), len(after))
		}
		if err := os.RemoveAll(filepath.Dir(dir)); err != nil {
			return err
		}
	}
	fmt.Printf("%s: %d of %d runs of %v killed, %d left something to recover; then %d times the old tree, %d times the new one\n",
		v.name, killed, times, takes.Round(time.Millisecond), journals, recovered, complete)
	if killed < times/3 || recovered == 0 || !v.fresh && journals == 0 {
		return fmt.Errorf("too few of them were killed on their way")
	}
	return nil
}

// undisturbed returns what there is before and after a run, and how long the quickest of some takes.
func (v victim) undisturbed(work string) (before, after map[string]string, takes time.Duration, err error) {
	for i := range 5 {
		dir := filepath.Join(work, fmt.Sprint(i), "project")
		if err := v.make(dir); err != nil {
			return nil, nil, 0, err
		}
		if before, err = look(dir); err != nil {
			return nil, nil, 0, err
		}
		start := time.Now()
		if out, err := v.start(dir).CombinedOutput(); err != nil {
			return nil, nil, 0, fmt.Errorf("%w\n%s", err, out)
		}
		if took := time.Since(start); i == 0 || took < takes {
			takes = took
		}
		if after, err = look(dir); err != nil {
			return nil, nil, 0, err
		}
	}
	return before, after, takes, nil
}

func (v victim) start(dir string) *exec.Cmd {
	args := v.command(dir)
	return exec.Command(args[0], args[1:]...)
}

// kill kills a run after a while, and tells whether it was still running.
func (v victim) kill(dir string, after time.Duration) (bool, error) {
	cmd := v.start(dir)
	if err := cmd.Start(); err != nil {
		return false, err
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	err := cmd.Wait()
	if state := cmd.ProcessState; state != nil && state.ExitCode() == -1 {
		return true, nil
	}
	return false, err
}
