package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// updating measures `update` on a project of git's in which every text was changed by the template, at its end, and every
// other one by the user, at its begin. The reference is one call of git on the same tree.
func updating(p *programs, template string, rounds int, work string) error {
	project, copied := filepath.Join(work, "project"), filepath.Join(work, "out")
	defer os.RemoveAll(project)
	if err := run(work, p.dockerflow, "new", project, "--template", template, "--name", "hello", "--yes"); err != nil {
		return err
	}
	files, changed := 0, 0
	err := eachText(project, func(path string) error {
		if files++; files%2 == 0 {
			return nil
		}
		changed++
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, append([]byte("// mine\n"), data...), 0o644)
	})
	if err != nil {
		return err
	}
	if err := run(project, "git", "commit", "--quiet", "-am", "mine"); err != nil {
		return err
	}
	var ours, check, reference []sample
	for range rounds {
		if err := run(work, "cp", "-r", project, copied); err != nil {
			return err
		}
		for _, step := range []struct {
			args []string
			into *[]sample
		}{
			{[]string{"git", "-C", copied, "status", "--porcelain"}, &reference},
			{[]string{p.next, "update", copied, "--dry-run"}, &check},
			{[]string{p.next, "update", copied}, &ours},
		} {
			s, err := once(step.args)
			if err != nil {
				return err
			}
			*step.into = append(*step.into, s)
		}
		if err := os.RemoveAll(copied); err != nil {
			return err
		}
	}
	fmt.Printf("update, %d files of which %d merge: %8.2f ms, with --dry-run %8.2f ms; git status alone %8.2f ms; peak %.1f MiB\n", files, changed,
		ms(median(ours).wall), ms(median(check).wall), ms(median(reference).wall), float64(median(ours).peak)/(1<<20))
	return nil
}

func run(dir string, args ...string) error {
	c := exec.Command(args[0], args[1:]...)
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w: %s", args, err, out)
	}
	return nil
}

// nextRelease makes the template's next version: each of its texts grows by a line.
func nextRelease(dir string) error {
	name := filepath.Join(dir, "template.yaml")
	manifest, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	manifest = bytes.Replace(manifest, []byte("version: 1\n"), []byte("version: 2\n"), 1)
	if err := os.WriteFile(name, manifest, 0o644); err != nil {
		return err
	}
	return eachText(filepath.Join(dir, "files"), func(path string) error {
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, append(data, "// next\n"...), 0o644)
	})
}

func eachText(dir string, visit func(path string) error) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		name := strings.TrimSuffix(path, ".tmpl")
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, ".txt") {
			return err
		}
		return visit(path)
	})
}
