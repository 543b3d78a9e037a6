package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// language is where a project has what, and how that is changed.
type language struct {
	manifest, sources string
	line              string              // for a source file; the program differs by it
	comment           func(string) string // changes the manifest, which still agrees with the lock file
	edited            string              // the file by which manifest and lock file come to disagree
	outOfStep         func(string) string // makes them disagree
	mend              string              // what the message must say then
	most              int64               // bytes, compressed, that the image may add beside dependencies
}

var languages = []language{
	{
		"go.mod", "*.go", "\nfunc init() { println(\"" + tag + "\") }\n", appended("\n// " + tag + "\n"),
		"go.sum", func(s string) string { return regexp.MustCompile(`(?m)^\S+ v[^/\s]* h1:.*\n`).ReplaceAllString(s, "") },
		"go mod tidy|go get|go mod download", 6_000_000,
	},
	{
		"package.json", "src/*.js", "\n// " + tag + "\n",
		func(s string) string { return strings.Replace(s, "{", `{ "changed": "`+tag+`",`, 1) },
		"package.json", func(s string) string {
			return strings.Replace(s, `"dependencies": {`, `"dependencies": { "left-pad": "1.3.0",`, 1)
		}, "npm install|npm i ", 50_000,
	},
	{
		"pyproject.toml", "service/*.py", "\n# " + tag + "\n", appended("\n# " + tag + "\n"),
		"pyproject.toml", func(s string) string {
			return strings.Replace(s, "dependencies = [", "dependencies = [\n  \"left-pad\",", 1)
		}, "uv lock", 50_000,
	},
}

// installs are the commands that a change of the source must not repeat.
var installs = regexp.MustCompile(`apt-get|groupadd|useradd|npm ci|pip install|uv sync|go mod (download|vendor)|go install`)

// findFiles finds out which language it is.
func (c *check) findFiles() error {
	for i, e := range languages {
		if _, err := os.Stat(filepath.Join(c.tree, e.manifest)); err != nil {
			continue
		}
		sources, err := filepath.Glob(filepath.Join(c.tree, e.sources))
		if err != nil {
			return err
		}
		sources = slices.DeleteFunc(sources, func(s string) bool { return strings.HasSuffix(s, "_test.go") })
		if len(sources) == 0 {
			return fmt.Errorf("no %s", e.sources)
		}
		c.language, c.source = &languages[i], sources[0]
		return nil
	}
	return errors.New("no manifest of a known language")
}

// build makes the image from nothing but what package managers keep, with BuildKit's checks as errors.
func (c *check) build(ctx context.Context) error {
	_, out, err := buildImage(ctx, c.tree, "app", "--no-cache", "--build-arg", "BUILDKIT_DOCKERFILE_CHECK=error=true")
	if err != nil {
		return err
	}
	c.steps = parseSteps(out)
	if len(c.steps) == 0 {
		return errors.New("no steps in the build's output:\n" + out)
	}
	c.report("S6", "it builds, with no finding of BuildKit's checks")
	return nil
}

// again builds from a fresh copy of the tree. Later builds share this image's layers: those of the first, which used no
// cache, may have been rebuilt although the cache has them.
func (c *check) again(ctx context.Context) error {
	fresh := filepath.Join(c.work, "fresh")
	if err := copyTree(ctx, c.tree, fresh); err != nil {
		return err
	}
	steps, _, err := buildImage(ctx, fresh, "again")
	if err != nil {
		return err
	}
	problems := texts(rerun(steps))
	if len(steps) < len(c.steps) {
		problems = append(problems, fmt.Sprintf("%d steps, the first time %d", len(steps), len(c.steps)))
	}
	c.cached, err = readImage(ctx, tag+":again")
	if err != nil {
		return err
	}
	c.report("S7", "built again from a fresh copy, every step is cached", problems...)
	return nil
}

// change builds with another content of a file, and puts the file back.
func (c *check) change(ctx context.Context, file, variant string, edit func(string) string) (steps []step, out string, err error) {
	old, err := os.ReadFile(file)
	if err != nil {
		return nil, "", err
	}
	edited := edit(string(old))
	if edited == string(old) {
		return nil, "", fmt.Errorf("%s: the edit changes nothing", file)
	}
	if err := os.WriteFile(file, []byte(edited), 0o644); err != nil {
		return nil, "", err
	}
	defer func() {
		if e := os.WriteFile(file, old, 0o644); err == nil {
			err = e
		}
	}()
	return buildImage(ctx, c.tree, variant)
}

// outOfStep changes the dependencies, but not the lock file.
func (c *check) outOfStep(ctx context.Context) error {
	_, out, err := c.change(ctx, filepath.Join(c.tree, c.language.edited), "step", c.language.outOfStep)
	var problems []string
	switch {
	case err == nil:
		problems = []string{"it builds"}
	case !regexp.MustCompile(c.language.mend).MatchString(out):
		problems = []string{"it does not say " + c.language.mend + ":\n" + out}
	}
	c.report("S7", "with an outdated lock file it does not build, and its error has a fix", problems...)
	return nil
}
