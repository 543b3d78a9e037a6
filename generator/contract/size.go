package contract

import (
	"path"
	"slices"
	"strings"
)

// compilers are packages that only a build needs.
var compilers = []string{"build-essential", "gcc", "g++", "clang", "make", "cmake", "build-base", "cargo", "rustc", "golang", "python3-dev", "libpq-dev"}

// size is S13.
func size(r *repo) Verdict {
	last := r.docker.final()
	var found []Finding
	if why := largeBase(last.root()); why != "" {
		found = append(found, at(last.line, "%s", why))
	}
	for s := range last.steps() {
		for _, c := range runs(s) {
			if installer(c) == "" {
				continue
			}
			for _, w := range c.words[1:] {
				if slices.Contains(compilers, w) && !removes(s) {
					found = append(found, at(s.line, "%s stays in the image", w))
				}
			}
			if why := keepsCache(c, s, last.env); why != "" {
				found = append(found, at(s.line, "%s", why))
			}
		}
	}
	found = append(found, r.developmentIn(last)...)
	if root := last.root(); !official(root) && !bare(root) {
		return judge(found, "what "+root+" has in it is not seen here")
	}
	return judge(found, "")
}

// largeBase says what a base image brings that only a build needs.
func largeBase(image string) string {
	for _, compiled := range []string{"golang", "rust", "gradle", "maven", "haskell", "swift"} {
		if _, ok := isOneOf(image, []string{compiled}); ok {
			return image + " has the compiler in it"
		}
	}
	tag, ok := isOneOf(image, []string{"node", "python", "ruby", "perl", "php"})
	if ok && !strings.Contains(tag, "slim") && !strings.Contains(tag, "alpine") {
		return image + " has compilers in it, its -slim variant has none"
	}
	return ""
}

// removes tells whether a RUN takes packages away again.
func removes(s step) bool {
	return s.recall("removes packages", func() bool {
		return slices.ContainsFunc(runs(s), func(c command) bool {
			return c.is("apt-get", "purge") || c.is("apt-get", "remove") || c.is("apk", "del")
		})
	})
}

// deletes tells whether a RUN removes a folder again.
func deletes(s step, folder string) bool {
	return s.recall("deletes "+folder, func() bool {
		return slices.ContainsFunc(runs(s), func(c command) bool {
			return path.Base(c.words[0]) == "rm" && strings.Contains(strings.Join(c.words, " "), folder)
		})
	})
}

// cleansNpm reports whether a RUN empties npm's cache.
func cleansNpm(s step) bool {
	return s.recall("cleans npm", func() bool {
		return slices.ContainsFunc(runs(s), func(c command) bool { return c.is("npm", "cache", "clean") || c.is("npm", "cache", "clear") })
	})
}

// keepsCache says what cache an install leaves in the image.
func keepsCache(c command, s step, env variables) string {
	switch installer(c) {
	case "apt-get", "apt":
		if !deletes(s, "/var/lib/apt") && !caches(s, "/var/lib/apt") && !caches(s, "/var/lib/apt/lists") {
			return "apt's lists stay in the image"
		}
	case "apk":
		if !c.has("--no-cache") && !caches(s, "/var/cache/apk") && !caches(s, "/etc/apk/cache") {
			return "apk's cache stays in the image"
		}
	case "pip", "pip3":
		if !c.has("--no-cache-dir", "--no-cache") && env.value("PIP_NO_CACHE_DIR") == "" && c.env.value("PIP_NO_CACHE_DIR") == "" &&
			!caches(s, "/root/.cache/pip") && !deletes(s, ".cache") && !c.is("pip", "cache") {
			return "pip's cache stays in the image"
		}
	case "npm":
		if !cleansNpm(s) && !caches(s, "/root/.npm") && !deletes(s, ".npm") && env.value("npm_config_cache") == "" {
			return "npm's cache stays in the image"
		}
	}
	return ""
}

// developmentIn finds installs of development dependencies that get into the last stage.
func (r *repo) developmentIn(last *stage) []Finding {
	var found []Finding
	known := map[*stage][]install{}
	for _, s := range append(r.docker.sources(last), last) {
		carried := map[string]bool{} // by folder
		for _, i := range r.developed(s, known) {
			r.budget.Steps(1)
			in, ok := carried[i.folder]
			if !ok {
				in = s == last || carries(r.docker, last, s, i.folder)
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
func (r *repo) developed(s *stage, known map[*stage][]install) []install {
	if all, ok := known[s]; ok {
		return all
	}
	var all []install
	if s.parent != nil {
		all = slices.Clip(r.developed(s.parent, known))
	}
	for _, st := range s.own {
		seen := map[install]bool{}
		for _, c := range runs(st) {
			folder, why := development(c, st)
			switch i := (install{at(st.line, "%s", why), folder}); {
			case c.is("npm", "prune") && c.has("--omit=dev", "--production"), c.is("pnpm", "prune") && c.has("--prod"):
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

// development says how a command installs development dependencies, and into which folder.
func development(c command, s step) (folder, why string) {
	production := s.env.value("NODE_ENV") == "production" || c.env.value("NODE_ENV") == "production"
	switch tool := installer(c); {
	case tool == "npm" && ofProject(c) && !c.has("-g", "--global") && (c.has("--include=dev") ||
		!production && !c.has("--omit=dev", "--omit", "--production", "--only=production", "--only=prod")),
		tool == "pnpm" && ofProject(c) && !production && !c.has("--prod", "-P", "--production"),
		tool == "yarn" && ofProject(c) && !production && !c.has("--production", "--production=true", "--frozen-lockfile=production"):
		return path.Join(s.dir, "node_modules"), tool + " installs development dependencies too"
	case tool == "uv" && c.is("uv", "sync") && !c.has("--no-dev", "--no-default-groups", "--only-group", "--only-group=") && s.env.value("UV_NO_DEV") == "":
		venv := s.env.value("UV_PROJECT_ENVIRONMENT")
		if venv == "" {
			venv = ".venv"
		}
		return under(s.dir, venv), "uv sync installs development dependencies too"
	case tool == "poetry" && c.is("poetry", "install") && !c.has("--without", "--without=", "--only", "--only=", "--no-dev"):
		return under(s.dir, ".venv"), "poetry installs development dependencies too"
	}
	return "", ""
}

// carries tells whether a folder of one stage comes to lie in another.
func carries(d *dockerfile, to, from *stage, folder string) bool {
	return len(d.placesIn(to, "", map[*stage][]place{from: {{path: folder}}})) > 0
}
