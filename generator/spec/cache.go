package spec

import (
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// manifests are what an install may need before it: they name dependencies, and are no source.
var manifests = lazy(`^(?:package(?:-lock)?\.json|npm-shrinkwrap\.json|\.npmrc|\.nvmrc|\.node-version|(?:\.pnp\.|\.?yarn|\.?pnp).*|pnpm-.*` +
	`|bun\.lockb?|pyproject\.toml|uv\.(?:lock|toml)|poetry\.(?:lock|toml)|.*requirements.*|constraints.*\.txt|Pipfile.*|setup\.(?:py|cfg)` +
	`|\.python-version|go\.(?:mod|sum|work|work\.sum)|Cargo\..*|rust-toolchain.*|Gemfile.*|.*\.gemspec|\.ruby-version|composer\..*|mix\..*)$`)

// code matches files that are certainly source.
var code = lazy(`\.(?:[cm]?[jt]sx?|py|go|rb|rs|java|kt|php|exs?|erl|c|cc|cpp|cs|swift|html|css)$`)

// perBuild matches build arguments that differ from build to build.
var perBuild = lazy(`(?i)(?:^|_)(?:commit|sha1?|git_(?:sha|ref|rev|hash|tag|branch)|revision|build_(?:id|url|number|num|date|time)|created|timestamp)(?:_|$)`)

// cacheOrder is S7.
func cacheOrder(r *repo) Verdict {
	var found []Finding
	last := r.docker.final()
	installed := false
	for _, s := range append(r.docker.sources(last), last) {
		early, some := r.stageOrder(s)
		found = append(found, early...)
		installed = installed || some
	}
	found = append(found, versionLast(last)...)
	undecided := ""
	if !installed {
		undecided = "no install step is known here"
	}
	return judge(unique(found), undecided)
}

// stageOrder finds what a stage brings in before the first install of a tool, though it changes more often.
func (r *repo) stageOrder(s *stage) (found []Finding, installed bool) {
	var early []Finding
	done := map[string]bool{}
	for _, st := range s.steps() {
		if f, ok := r.changesOften(st); ok {
			early = append(early, f)
		}
		for _, c := range runs(st) {
			tool := installer(c)
			if tool == "" && c.is("go", "build") && !done["go"] && !caches(st, "/go/pkg/mod") && r.has("go.sum") {
				tool = "go"
			}
			if tool == "" || done[tool] {
				continue
			}
			done[tool], installed = true, true
			for _, f := range append(early, r.mountsSource(st)...) {
				f.Text += ", before " + strings.Join(c.words[:min(3, len(c.words))], " ")
				found = append(found, f)
			}
		}
	}
	return found, installed
}

// changesOften tells whether a step brings in source or per-build data.
func (r *repo) changesOften(s step) (Finding, bool) {
	if arg, ok := s.Command.(*instructions.ArgCommand); ok {
		for _, a := range arg.Args {
			if perBuild().MatchString(a.Key) {
				return at(s.line, "ARG %s changes with every build", a.Key), true
			}
		}
	}
	c, ok := s.copying()
	if !ok || c.from != "" {
		return Finding{}, false
	}
	for _, source := range c.SourcePaths {
		if what := r.isSource(source); what != "" {
			return at(s.line, "%s brings in %s", strings.ToUpper(s.Name()), what), true
		}
	}
	return Finding{}, false
}

// isSource says what a path of the build context holds that changes often.
func (r *repo) isSource(source string) string {
	clean := strings.TrimPrefix(path.Clean("/"+source), "/")
	switch {
	case strings.Contains(source, "://") || manifests().MatchString(path.Base(clean)):
		return ""
	case clean == "" || clean == "*":
		return "the whole repository"
	case clean == "version.json" || code().MatchString(clean):
		return clean
	}
	found, _ := fs.Glob(r.files, clean)
	if slices.ContainsFunc(found, r.holdsCode) {
		return clean
	}
	return ""
}

func (r *repo) holdsCode(root string) bool {
	holds := false
	_ = fs.WalkDir(r.files, root, func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && code().MatchString(name) && !manifests().MatchString(path.Base(name)) {
			holds = true
			return fs.SkipAll
		}
		return nil
	})
	return holds
}

// mountsSource finds a bind mount of the whole repository.
func (r *repo) mountsSource(s step) []Finding {
	run, ok := s.Command.(*instructions.RunCommand)
	if !ok {
		return nil
	}
	for _, m := range instructions.GetMounts(run) {
		if m.Type == instructions.MountTypeBind && m.From == "" {
			if what := r.isSource(m.Source); what != "" {
				return []Finding{at(s.line, "the mount brings in %s", what)}
			}
		}
	}
	return nil
}

// caches tells whether a RUN keeps a folder in a cache mount.
func caches(s step, folder string) bool {
	run, ok := s.Command.(*instructions.RunCommand)
	return ok && slices.ContainsFunc(instructions.GetMounts(run), func(m *instructions.Mount) bool {
		return m.Type == instructions.MountTypeCache && within(folder, path.Clean(m.Target))
	})
}

// versionLast finds steps that a new version.json makes docker build repeat.
func versionLast(last *stage) []Finding {
	var found []Finding
	version := 0
	for _, s := range last.own {
		c, copies := s.copying()
		_, run := s.Command.(*instructions.RunCommand)
		if version > 0 && (copies || run) {
			found = append(found, at(s.line, "%s comes after the version.json of line %d", strings.ToUpper(s.Name()), version))
		}
		if copies && c.from == "" && slices.ContainsFunc(c.SourcePaths, func(p string) bool { return path.Base(p) == "version.json" }) {
			version = s.line
		}
	}
	return found
}

// unique drops findings that stages share.
func unique(all []Finding) []Finding {
	var one []Finding
	for _, f := range all {
		if !slices.Contains(one, f) {
			one = append(one, f)
		}
	}
	return one
}
