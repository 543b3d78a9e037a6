package spec

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
	for _, s := range last.steps() {
		for _, c := range runs(s) {
			for _, w := range c.words[1:] {
				if installer(c) != "" && slices.Contains(compilers, w) && !removes(s) {
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
	return slices.ContainsFunc(runs(s), func(c command) bool {
		return c.is("apt-get", "purge") || c.is("apt-get", "remove") || c.is("apk", "del")
	})
}

// deletes tells whether a RUN removes a folder again.
func deletes(s step, folder string) bool {
	return slices.ContainsFunc(runs(s), func(c command) bool {
		return path.Base(c.words[0]) == "rm" && strings.Contains(strings.Join(c.words, " "), folder)
	})
}

// keepsCache says what cache an install leaves in the image.
func keepsCache(c command, s step, env map[string]string) string {
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
		if !c.has("--no-cache-dir", "--no-cache") && env["PIP_NO_CACHE_DIR"] == "" && c.env["PIP_NO_CACHE_DIR"] == "" &&
			!caches(s, "/root/.cache/pip") && !deletes(s, ".cache") && !c.is("pip", "cache") {
			return "pip's cache stays in the image"
		}
	case "npm":
		cleans := slices.ContainsFunc(runs(s), func(c command) bool { return c.is("npm", "cache", "clean") })
		if !cleans && !caches(s, "/root/.npm") && !deletes(s, ".npm") && env["npm_config_cache"] == "" {
			return "npm's cache stays in the image"
		}
	}
	return ""
}

// developmentIn finds installs of development dependencies that get into the last stage.
func (r *repo) developmentIn(last *stage) []Finding {
	var found []Finding
	for _, s := range append(r.docker.sources(last), last) {
		var pending []Finding
		for _, st := range s.steps() {
			for _, c := range runs(st) {
				folder, why := development(c, st)
				switch {
				case c.is("npm", "prune") && c.has("--omit=dev", "--production"), c.is("pnpm", "prune") && c.has("--prod"):
					pending = nil
				case why != "" && (s == last || r.docker.carries(last, s, folder)):
					pending = append(pending, at(st.line, "%s", why))
				}
			}
		}
		found = append(found, pending...)
	}
	return unique(found)
}

// development says how a command installs development dependencies, and into which folder.
func development(c command, s step) (folder, why string) {
	production := s.env["NODE_ENV"] == "production" || c.env["NODE_ENV"] == "production"
	switch tool := installer(c); {
	case tool == "npm" && ofProject(c) && !c.has("-g", "--global") && (c.has("--include=dev") ||
		!production && !c.has("--omit=dev", "--omit", "--production", "--only=production", "--only=prod")),
		tool == "pnpm" && ofProject(c) && !production && !c.has("--prod", "-P", "--production"),
		tool == "yarn" && ofProject(c) && !production && !c.has("--production", "--production=true", "--frozen-lockfile=production"):
		return path.Join(s.dir, "node_modules"), tool + " installs development dependencies too"
	case tool == "uv" && c.is("uv", "sync") && !c.has("--no-dev", "--no-default-groups", "--only-group", "--only-group=") && s.env["UV_NO_DEV"] == "":
		venv := s.env["UV_PROJECT_ENVIRONMENT"]
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
func (d *dockerfile) carries(to, from *stage, folder string) bool {
	return len(d.placesIn(to, "", map[*stage][]place{from: {{path: folder}}})) > 0
}
