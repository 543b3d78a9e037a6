package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// marker is in every file that is planted.
const marker = "planted-4f1d0c7e9a"

// unwanted matches what belongs into no image, but for what a dependency brings along.
var unwanted = regexp.MustCompile(`(^|/)(\.env[^/]*|\.git|\.dockerignore|Dockerfile|gha-creds-[^/]*|id_rsa|\.npmrc|\.netrc|tests?|[^/]*_test\.go|` +
	`[^/]*\.test\.js|test_[^/]*\.py|\.cache|\.npm|\.pytest_cache|\.mypy_cache|\.ruff_cache|go\.(mod|sum)|uv\.lock|package-lock\.json)(/|$)`)

// tools are compilers, package managers and what else only development needs.
var tools = regexp.MustCompile(`(^|/)(gcc|g\+\+|cc1|make|go/bin/go|uvx?|biome|@biomejs|pytest|_pytest|ruff|mypy|node_modules/(npm|typescript)|site-packages/(pip|setuptools|uv))(/|$)`)

// rubbish matches what installers leave behind.
var rubbish = regexp.MustCompile(`^(root/.|tmp/.|var/cache/.|var/lib/apt/lists/.|var/log/(apt|dpkg))`)

// dependency tells whether a file is a dependency's.
func dependency(name string) bool {
	return strings.HasPrefix(name, "app/node_modules/") || strings.HasPrefix(name, "app/.venv/")
}

// plant puts files into the tree which must not get out of it: at its top and in each of its folders.
func (c *check) plant() error {
	dirs := []string{".git", "node_modules/planted", ".venv/lib"}
	err := filepath.WalkDir(c.tree, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(c.tree, path)
		if slices.Contains([]string{".git", "node_modules", ".venv"}, rel) {
			return filepath.SkipDir
		}
		dirs = append(dirs, rel)
		return err
	})
	if err != nil {
		return err
	}
	for _, dir := range dirs {
		if err := os.MkdirAll(filepath.Join(c.tree, dir), 0o755); err != nil {
			return err
		}
		for _, name := range []string{".env", ".env.local", "gha-creds-1f2e.json", "id_rsa", ".netrc"} {
			if err := os.WriteFile(filepath.Join(c.tree, dir, name), []byte("TOKEN="+marker+"\n"), 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}

// contents looks into every layer that the project adds to its base.
func (c *check) contents(ctx context.Context) error {
	var err error
	if c.image, err = saveImage(ctx, tag+":app", c.work); err != nil {
		return err
	}
	base, err := c.baseLayers(ctx)
	if err != nil {
		return err
	}
	var secrets, owned, more []string
	var size, unpacked int64
	for _, l := range c.image.layers {
		if slices.Contains(base, l.diffID) {
			continue
		}
		size += l.size
		for _, f := range l.files {
			unpacked += f.size
			if f.planted {
				secrets = append(secrets, f.name)
			}
			owned = append(owned, f.rights()...)
			if !dependency(f.name) && unwanted.MatchString(f.name) || tools.MatchString(f.name) || rubbish.MatchString(f.name) && !f.dir {
				more = append(more, "it holds "+f.name)
			}
		}
	}
	if bytes.Contains(c.image.config, []byte(marker)) {
		secrets = append(secrets, "the image's configuration")
	}
	c.report("S9", "nothing that was planted is in a layer", secrets...)
	c.report("S8", "the user owns nothing in /app and can write nothing, but read all", owned...)
	c.report("S13", "no compiler, cache, test or development dependency is in it", more...)
	c.report("S13", fmt.Sprintf("it adds %.2f MB to its base (%.2f MB unpacked)", float64(size)/1e6, float64(unpacked)/1e6),
		c.tooLarge(size)...)
	c.users()
	return nil
}

// tooLarge bounds what Go adds to nothing. What the others add is their dependencies'.
func (c *check) tooLarge(size int64) []string {
	if limit := int64(6e6); c.language.manifest == "go.mod" && size > limit {
		return []string{fmt.Sprintf("at most %d", limit)}
	}
	return nil
}

// rights says what is wrong with the owner and mode of a file of the application.
func (f file) rights() []string {
	if f.name != "app" && !strings.HasPrefix(f.name, "app/") {
		return nil
	}
	var problems []string
	bits, readable := f.mode.Perm(), os.FileMode(0o004)
	if f.dir {
		readable = 0o005
	}
	switch {
	case f.mode&os.ModeSymlink != 0:
	case f.uid != 0 || f.gid != 0:
		problems = append(problems, fmt.Sprintf("%s belongs to %d:%d", f.name, f.uid, f.gid))
	case bits&0o002 != 0:
		problems = append(problems, fmt.Sprintf("%s can be written by all: %v", f.name, bits))
	case bits&readable != readable:
		problems = append(problems, fmt.Sprintf("%s cannot be read: %v", f.name, bits))
	}
	return problems
}

// users looks at the user and the group, and version.json, in the last layer that has them.
func (c *check) users() {
	last := map[string][]byte{}
	for _, l := range c.image.layers {
		for _, f := range l.files {
			if f.content != nil {
				last[f.name] = f.content
			}
		}
	}
	var problems []string
	for name, want := range map[string]string{"etc/passwd": `(?m)^app:[^:]*:10001:10001:`, "etc/group": `(?m)^app:[^:]*:10001:`} {
		if !regexp.MustCompile(want).Match(last[name]) {
			problems = append(problems, "/"+name+" has no "+want)
		}
	}
	c.report("S2", "user and group app are 10001", problems...)
	problems = nil
	if want, err := os.ReadFile(filepath.Join(c.tree, "version.json")); err != nil || !bytes.Equal(want, last["app/version.json"]) {
		problems = []string{fmt.Sprintf("it is %q", last["app/version.json"])}
	}
	c.report("S5", "/app/version.json is the project's", problems...)
}
