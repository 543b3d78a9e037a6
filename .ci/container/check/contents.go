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

	"dockerflow/generator/contract"
	"dockerflow/generator/contract/image"
)

// marker is in every file that is planted.
const marker = "planted-4f1d0c7e9a"

// unwanted matches files that belong in no image, except those of a dependency.
var unwanted = regexp.MustCompile(`(^|/)(\.env[^/]*|\.git|\.dockerignore|Dockerfile|gha-creds-[^/]*|id_rsa|\.npmrc|\.netrc|tests?|[^/]*_test\.go|` +
	`[^/]*\.test\.js|test_[^/]*\.py|\.cache|\.npm|\.pytest_cache|\.mypy_cache|\.ruff_cache|go\.(mod|sum)|uv\.lock|package-lock\.json)(/|$)`)

// tools are compilers, package managers and what else only development needs.
var tools = regexp.MustCompile(`(^|/)(gcc|g\+\+|cc1|make|go/bin/go|uvx?|biome|@biomejs|pytest|_pytest|ruff|mypy|node_modules/(npm|typescript)|site-packages/(pip|setuptools|uv))(/|$)`)

// rubbish matches files that installers leave behind.
var rubbish = regexp.MustCompile(`^(root/.|tmp/.|var/cache/.|var/lib/apt/lists/.|var/log/(apt|dpkg))`)

// dependency reports whether a file is a dependency's.
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
	if c.image, err = readImage(ctx, tag+":app"); err != nil {
		return err
	}
	base, err := c.baseLayers(ctx)
	if err != nil {
		return err
	}
	var secrets, owned, more []string
	var all, own weight
	for _, l := range c.image.Layers {
		if slices.Contains(base, l.DiffID) {
			continue
		}
		w := weight{packed: l.Size}
		carries := false
		for _, f := range l.Files {
			w.unpacked += f.Size
			carries = carries || dependency(f.Name)
			if f.Marked {
				secrets = append(secrets, f.Name)
			}
			owned = append(owned, rights(f)...)
			if !dependency(f.Name) && unwanted.MatchString(f.Name) || tools.MatchString(f.Name) || rubbish.MatchString(f.Name) && !f.Dir() {
				more = append(more, "it holds "+f.Name)
			}
			if carries && !dependency(f.Name) && !f.Dir() {
				more = append(more, "a layer of dependencies holds "+f.Name)
			}
		}
		all.add(w)
		if !carries {
			own.add(w)
		}
	}
	if bytes.Contains(c.image.Raw, []byte(marker)) {
		secrets = append(secrets, "the image's configuration")
	}
	c.report("S9", "no layer contains a planted file", secrets...)
	c.report("S8", "root owns all files in /app, and anyone can read them", owned...)
	c.report("S13", "it contains no compiler, cache, test or development dependency", more...)
	c.report("S13", fmt.Sprintf("it adds %s to its base, %s without its dependencies", all, own), c.tooLarge(own)...)
	c.version()
	return nil
}

// weight is how large layers are, in bytes.
type weight struct{ packed, unpacked int64 }

func (w *weight) add(more weight) {
	w.packed, w.unpacked = w.packed+more.packed, w.unpacked+more.unpacked
}

func (w weight) String() string {
	return fmt.Sprintf("%.2f MB (%.2f MB unpacked)", float64(w.packed)/1e6, float64(w.unpacked)/1e6)
}

// tooLarge bounds what is not a dependency's: a program that has its dependencies in it, or some source files.
func (c *check) tooLarge(own weight) []string {
	if limit := c.language.most; own.packed > limit {
		return []string{fmt.Sprintf("want at most %d bytes, not %d", limit, own.packed)}
	}
	return nil
}

// rights returns what is wrong with the owner and mode of a file of the application.
func rights(f contract.File) []string {
	if f.Name != "app" && !strings.HasPrefix(f.Name, "app/") || f.Mode&os.ModeSymlink != 0 {
		return nil
	}
	readable := os.FileMode(0o004)
	if f.Dir() {
		readable = 0o005
	}
	var problems []string
	if f.UID != 0 || f.GID != 0 {
		problems = append(problems, fmt.Sprintf("%s belongs to %d:%d", f.Name, f.UID, f.GID))
	}
	if bits := f.Mode.Perm(); bits&readable != readable {
		problems = append(problems, fmt.Sprintf("%s cannot be read: %v", f.Name, bits))
	}
	return problems
}

// version compares the image's version.json with the project's.
func (c *check) version() {
	want, err := os.ReadFile(filepath.Join(c.tree, "version.json"))
	got, _ := c.image.File("app/version.json")
	var problems []string
	if err != nil || got == nil || !bytes.Equal(want, got.Content) {
		problems = []string{"it is another"}
	}
	c.report("S5", "/app/version.json is the project's", problems...)
}

// readImage reads an image, and marks the files that hold what was planted.
func readImage(ctx context.Context, ref string) (*contract.Image, error) {
	engine, err := image.Find(ctx, "docker")
	if err != nil {
		return nil, err
	}
	return image.Read(ctx, engine, ref, image.Reading{Mark: []byte(marker), Weigh: true})
}
