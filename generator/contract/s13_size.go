package contract

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"dockerflow/generator/contract/dockerfile"
	"dockerflow/generator/contract/shell"
	"dockerflow/generator/lazyregexp"
)

var s13 = Rule{
	ID:     "S13",
	Level:  Should,
	Says:   "The image is small: it has no compilers, caches or development dependencies.",
	Source: "2016 specification, Dockerfile Guidelines; current specification, Guidelines for Building a Container",
	URL:    building,
	Needs:  aDockerfile,
	Fix:    "Build in one stage and copy the result into a slim last stage; leave out development dependencies; use cache mounts.",
	repo:   onDockerfile(size),
	image:  onFiles((*Image).small),
}

// compilers are packages that only a build needs.
var compilers = []string{"build-essential", "gcc", "g++", "clang", "make", "cmake", "build-base", "cargo", "rustc", "golang", "python3-dev", "libpq-dev"}

// size is S13.
func size(r *repo) Verdict {
	last := r.docker.Final()
	var found []Finding
	if why := largeBase(last.Root()); why != "" {
		found = append(found, at(last.Line, "%s", why))
	}
	for s := range last.Steps() {
		for _, c := range dockerfile.Runs(s) {
			if installer(c) == "" {
				continue
			}
			for _, w := range c.Words[1:] {
				if slices.Contains(compilers, w) && !removes(s) {
					found = append(found, at(s.Line, "%s stays in the image", w))
				}
			}
			if why := keepsCache(c, s, last.Env); why != "" {
				found = append(found, at(s.Line, "%s", why))
			}
		}
	}
	found = append(found, r.developmentIn(last)...)
	if root := last.Root(); !dockerfile.Official(root) && !dockerfile.Bare(root) {
		return judge(found, "the contents of "+root+" are unknown")
	}
	return judge(found, "")
}

// largeBase describes build tools that a base image contains.
func largeBase(image string) string {
	for _, compiled := range []string{"golang", "rust", "gradle", "maven", "haskell", "swift"} {
		if _, ok := dockerfile.IsOneOf(image, []string{compiled}); ok {
			return image + " contains the compiler"
		}
	}
	tag, ok := dockerfile.IsOneOf(image, []string{"node", "python", "ruby", "perl", "php"})
	if ok && !strings.Contains(tag, "slim") && !strings.Contains(tag, "alpine") {
		return image + " contains compilers; its -slim variant does not"
	}
	return ""
}

// removes reports whether a RUN takes packages away again.
func removes(s dockerfile.Step) bool {
	return s.Recall("removes packages", func() bool {
		return slices.ContainsFunc(dockerfile.Runs(s), func(c shell.Command) bool {
			return c.Is("apt-get", "purge") || c.Is("apt-get", "remove") || c.Is("apk", "del")
		})
	})
}

// deletes reports whether a RUN removes a folder again.
func deletes(s dockerfile.Step, folder string) bool {
	return s.Recall("deletes "+folder, func() bool {
		return slices.ContainsFunc(dockerfile.Runs(s), func(c shell.Command) bool {
			return path.Base(c.Words[0]) == "rm" && strings.Contains(strings.Join(c.Words, " "), folder)
		})
	})
}

// cleansNpm reports whether a RUN empties npm's cache.
func cleansNpm(s dockerfile.Step) bool {
	return s.Recall("cleans npm", func() bool {
		return slices.ContainsFunc(dockerfile.Runs(s), func(c shell.Command) bool { return c.Is("npm", "cache", "clean") || c.Is("npm", "cache", "clear") })
	})
}

// keepsCache describes the cache that an install leaves in the image.
func keepsCache(c shell.Command, s dockerfile.Step, env shell.Variables) string {
	switch installer(c) {
	case "apt-get", "apt":
		if !deletes(s, "/var/lib/apt") && !caches(s, "/var/lib/apt") && !caches(s, "/var/lib/apt/lists") {
			return "apt's lists stay in the image"
		}
	case "apk":
		if !c.Has("--no-cache") && !caches(s, "/var/cache/apk") && !caches(s, "/etc/apk/cache") {
			return "apk's cache stays in the image"
		}
	case "pip", "pip3":
		if !c.Has("--no-cache-dir", "--no-cache") && env.Value("PIP_NO_CACHE_DIR") == "" && c.Env.Value("PIP_NO_CACHE_DIR") == "" &&
			!caches(s, "/root/.cache/pip") && !deletes(s, ".cache") && !c.Is("pip", "cache") {
			return "pip's cache stays in the image"
		}
	case "npm":
		if !cleansNpm(s) && !caches(s, "/root/.npm") && !deletes(s, ".npm") && env.Value("npm_config_cache") == "" {
			return "npm's cache stays in the image"
		}
	}
	return ""
}

// developmentIn finds installs of development dependencies that get into the last stage.
func (r *repo) developmentIn(last *dockerfile.Stage) []Finding {
	var found []Finding
	known := map[*dockerfile.Stage][]install{}
	for _, s := range append(r.docker.Sources(last), last) {
		carried := map[string]bool{} // by folder
		for _, i := range r.developed(s, known) {
			r.budget.Steps(1)
			in, ok := carried[i.folder]
			if !ok {
				in = s == last || dockerfile.Carries(r.docker, last, s, i.folder)
				carried[i.folder] = in
			}
			if in {
				found = append(found, i.finding)
			}
		}
	}
	return unique(found)
}

// install is one of development dependencies, and the folder that it fills.
type install struct {
	finding Finding
	folder  string
}

// developed are the installs of development dependencies that are there at the end of a stage.
func (r *repo) developed(s *dockerfile.Stage, known map[*dockerfile.Stage][]install) []install {
	if all, ok := known[s]; ok {
		return all
	}
	var all []install
	if s.Parent != nil {
		all = slices.Clip(r.developed(s.Parent, known))
	}
	for _, st := range s.Own {
		seen := map[install]bool{}
		for _, c := range dockerfile.Runs(st) {
			folder, why := development(c, st)
			switch i := (install{at(st.Line, "%s", why), folder}); {
			case c.Is("npm", "prune") && c.Has("--omit=dev", "--production"), c.Is("pnpm", "prune") && c.Has("--prod"):
				all, seen = nil, map[install]bool{}
			case why != "" && !seen[i]:
				seen[i] = true
				all = append(all, i)
			}
		}
	}
	known[s] = all
	return all
}

// development describes how a command installs development dependencies, and returns the folder that it fills.
func development(c shell.Command, s dockerfile.Step) (folder, why string) {
	production := s.Env.Value("NODE_ENV") == "production" || c.Env.Value("NODE_ENV") == "production"
	switch tool := installer(c); {
	case tool == "npm" && ofProject(c) && !c.Has("-g", "--global") && (c.Has("--include=dev") ||
		!production && !c.Has("--omit=dev", "--omit", "--production", "--only=production", "--only=prod")),
		tool == "pnpm" && ofProject(c) && !production && !c.Has("--prod", "-P", "--production"),
		tool == "yarn" && ofProject(c) && !production && !c.Has("--production", "--production=true", "--frozen-lockfile=production"):
		return path.Join(s.Dir, "node_modules"), tool + " installs development dependencies too"
	case tool == "uv" && c.Is("uv", "sync") && !c.Has("--no-dev", "--no-default-groups", "--only-group", "--only-group=") && s.Env.Value("UV_NO_DEV") == "":
		venv := s.Env.Value("UV_PROJECT_ENVIRONMENT")
		if venv == "" {
			venv = ".venv"
		}
		return dockerfile.Under(s.Dir, venv), "uv sync installs development dependencies too"
	case tool == "poetry" && c.Is("poetry", "install") && !c.Has("--without", "--without=", "--only", "--only=", "--no-dev"):
		return dockerfile.Under(s.Dir, ".venv"), "poetry installs development dependencies too"
	}
	return "", ""
}

// waste is a kind of files that S13 forbids, recognized by their names.
var waste = []struct {
	what  string
	names func() *regexp.Regexp
}{
	{"a compiler", lazyregexp.New(`^(?:usr/(?:local/)?)?bin/(?:gcc|g\+\+|clang|rustc|ghc)(?:-\d+(?:\.\d+)*)?$|/cc1(?:plus)?$|^usr/local/go/bin/go$|/bin/(?:rustc|cargo)$`)},
	{"apt's lists", lazyregexp.New(`^var/lib/apt/lists/[^/]*_(?:Packages|InRelease|Release|Sources)[^/]*$`)},
	{"apt's cache", lazyregexp.New(`^var/cache/apt/.*\.(?:deb|bin)$`)},
	{"apk's cache", lazyregexp.New(`^var/cache/apk/.*\.(?:tar\.gz|apk)$`)},
	{"pip's cache", lazyregexp.New(`^(?:root|home/[^/]+|app)/\.cache/(?:pip|uv|pypoetry|pipenv)/.`)},
	{"npm's cache", lazyregexp.New(`^(?:root|home/[^/]+|app)/(?:\.npm/_cacache|\.cache/(?:yarn|node|pnpm)|\.yarn/cache/registry)/.`)},
	{"Go's cache", lazyregexp.New(`^(?:root/\.cache/go-build|go/pkg/mod/cache)/.`)},
	{"a development dependency", lazyregexp.New(`^app/(?:.*/)?node_modules/(?:eslint|jest|mocha|vitest|nodemon|@biomejs/biome)/package\.json$|` +
		`/site-packages/(?:_pytest|mypy|flake8|pylint|ruff|tox)/__init__\.py$`)},
}

// small is S13. It checks every layer, because a file that a later layer deletes is still stored and transferred.
func (i *Image) small() Verdict {
	var r Faults
	var size int64
	told := map[string]bool{}
	for n, l := range i.Layers {
		size += l.Size
		for _, f := range l.Files {
			if !f.Mode.IsRegular() || strings.HasPrefix(path.Base(f.Name), ".wh.") {
				continue
			}
			for _, w := range waste {
				if key := w.what + strconv.Itoa(n); !told[key] && w.names().MatchString(f.Name) {
					told[key] = true // one file per kind and layer is enough
					r.Add("%s is in %s: /%s", w.what, i.layerName(n), f.Name)
				}
			}
		}
	}
	v := r.judge(i.Unread)
	if v.Status == Pass {
		v.Note = fmt.Sprintf("%d layers, %.1f MB as saved", len(i.Layers), float64(size)/1e6)
	}
	return v
}
