package contract

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"dockerflow/generator/budget"
	"dockerflow/generator/contract/dockerfile"
	"dockerflow/generator/contract/shell"
	"dockerflow/generator/lazyregexp"
)

var s07 = Rule{
	ID:     "S7",
	Level:  Must,
	Says:   "The Dockerfile copies the manifest and lock file, installs, copies the source, then adds version.json and other per-build data.",
	Source: "2016 specification, Dockerfile Guidelines; current specification, Guidelines for Building a Container",
	URL:    building,
	Needs:  aDockerfile,
	Fix:    "Copy only the manifest and lock file before the install, the source after it, and version.json last.",
	repo:   onDockerfile(cacheOrder),
}

// manifests are what an install may need before it: they name dependencies, and are no source.
var manifests = lazyregexp.New(`^(?:package(?:-lock)?\.json|npm-shrinkwrap\.json|\.npmrc|\.nvmrc|\.node-version|(?:\.pnp\.|\.?yarn|\.?pnp).*|pnpm-.*` +
	`|bun\.lockb?|pyproject\.toml|uv\.(?:lock|toml)|poetry\.(?:lock|toml)|.*requirements.*|constraints.*\.txt|Pipfile.*|setup\.(?:py|cfg)` +
	`|\.python-version|go\.(?:mod|sum|work|work\.sum)|Cargo\..*|rust-toolchain.*|Gemfile.*|.*\.gemspec|\.ruby-version|composer\..*|mix\..*)$`)

// code matches files that are certainly source.
var code = lazyregexp.New(`\.(?:[cm]?[jt]sx?|py|go|rb|rs|java|kt|php|exs?|erl|c|cc|cpp|cs|swift|html|css)$`)

// perBuild matches build arguments that differ from build to build.
var perBuild = lazyregexp.New(`(?i)(?:^|_)(?:commit|sha1?|git_(?:sha|ref|rev|hash|tag|branch)|revision|build_(?:id|url|number|num|date|time)|created|timestamp)(?:_|$)`)

// cacheOrder is S7.
func cacheOrder(r *repo) Verdict {
	var found []Finding
	last := r.docker.Final()
	installed := false
	known := map[*dockerfile.Stage]*order{}
	for _, s := range r.docker.Lineage(append(r.docker.Sources(last), last), map[*dockerfile.Stage]bool{}) {
		o := r.stageOrder(s, known)
		found = append(found, o.found...)
		installed = installed || o.installed
	}
	found = append(found, versionLast(last)...)
	undecided := ""
	if !installed {
		undecided = "no known install step found"
	}
	return judge(unique(found), undecided)
}

// order records what a stage copies and installs.
type order struct {
	early     []Finding       // that a later install would come after
	done      map[string]bool // by tool, whether it installed the project's dependencies
	installed bool
	found     []Finding // in the stage itself
}

// stageOrder finds content that a stage adds before an install, although it changes more often. Of the installs that
// read their list from the project, the first one per tool counts: a later one adds the project itself.
func (r *repo) stageOrder(s *dockerfile.Stage, known map[*dockerfile.Stage]*order) *order {
	if o := known[s]; o != nil {
		return o
	}
	o := &order{done: map[string]bool{}}
	if s.Parent != nil {
		below := r.stageOrder(s.Parent, known)
		o.early, o.installed = slices.Clip(below.early), below.installed
		maps.Copy(o.done, below.done)
	}
	for _, st := range s.Own {
		o.early = append(o.early, r.changesOften(s, st)...)
		for _, c := range dockerfile.Runs(st) {
			tool := r.fetches(c, st)
			if tool == "" || o.done[tool] {
				continue
			}
			if ofProject(c) {
				o.done[tool] = true
			}
			o.installed = true
			install := strings.Join(c.Words[:min(3, len(c.Words))], " ")
			for _, f := range append(o.early, r.mountsSource(st)...) {
				r.budget.Findings(1)
				r.budget.Steps(10 + len(install)/budget.BytesOfStep)
				o.found = append(o.found, at(f.Line, "%s, before %s", f.Text, install))
			}
		}
	}
	known[s] = o
	return o
}

// fetches names the tool with which a command fetches dependencies. A build does where nothing did before it, and no
// cache keeps them.
func (r *repo) fetches(c shell.Command, s dockerfile.Step) string {
	switch {
	case c.Is("go", "build") && !caches(s, "/go/pkg/mod") && r.has("go.sum") && !r.has("vendor/modules.txt"):
		return "go"
	case c.Is("cargo", "build") && !caches(s, "/usr/local/cargo/registry") && r.has("Cargo.lock"):
		return "cargo"
	case c.Has("--no-deps", "--only-root", "--offline"):
		return ""
	}
	return installer(c)
}

// changesOften finds source and per-build data that a step brings in.
func (r *repo) changesOften(in *dockerfile.Stage, s dockerfile.Step) []Finding {
	if arg, ok := s.Command.(*instructions.ArgCommand); ok {
		for _, a := range arg.Args {
			if perBuild().MatchString(a.Key) {
				return []Finding{at(s.Line, "ARG %s changes with every build", a.Key)}
			}
		}
	}
	c, ok := s.Copying()
	if !ok {
		return nil
	}
	if c.From != "" {
		return r.changesThere(c, in)
	}
	for _, source := range c.SourcePaths {
		if what := r.isSource(source); what != "" {
			return []Finding{at(s.Line, "%s adds %s", strings.ToUpper(s.Name()), what)}
		}
	}
	return nil
}

// changesThere finds a copy of a whole source tree from another stage. Only its files from the tree decide.
func (r *repo) changesThere(c dockerfile.Copying, in *dockerfile.Stage) []Finding {
	from := r.docker.Stage(c.From)
	if from == nil || from.Line >= in.Line {
		return nil
	}
	for st := range from.Steps() {
		brought, ok := st.Copying()
		if !ok || brought.From != "" || !c.Sources().Holds(brought.Dest()) {
			continue
		}
		for _, theirs := range brought.SourcePaths {
			if what := r.isSource(theirs); what != "" {
				return []Finding{at(c.Line, "%s adds %s from stage %s", strings.ToUpper(c.Name()), what, c.From)}
			}
		}
	}
	return nil
}

// isSource describes frequently changed content of a path of the build context.
func (r *repo) isSource(source string) string {
	r.budget.Steps(5 + len(source)/budget.BytesOfRunes)
	what, ok := r.judged[source]
	if !ok {
		what = r.judgeSource(source)
		if r.judged == nil {
			r.judged = map[string]string{}
		}
		r.budget.Bytes(budget.BytesOfWord)
		r.judged[source] = what
	}
	return what
}

func (r *repo) judgeSource(source string) string {
	r.budget.Steps(20 + len(source))
	clean := strings.TrimPrefix(path.Clean("/"+source), "/")
	switch {
	case strings.Contains(source, "://") || manifests().MatchString(path.Base(clean)) || versionModule().MatchString(clean):
		return ""
	case clean == "" || clean == "*":
		if _, whole := r.tree(); whole && len(r.in("")) > 0 && !r.holdsCode("") && !r.passes("version.json") && r.ignore.Path != "" {
			return "" // an allow-list that admits nothing else
		}
		return "the whole repository"
	case clean == "version.json" || code().MatchString(clean):
		return clean
	case strings.ContainsAny(clean, "*?["):
		if ok, _ := path.Match(clean, "version.json"); ok && r.passes("version.json") {
			return "version.json"
		}
	}
	if r.holdsCode(clean) {
		return clean
	}
	return ""
}

// versionModule matches the one source file that a package's build may read for its version.
var versionModule = lazyregexp.New(`(?:^|/)(?:__init__|__about__|__version__|_version|version)\.(?:py|rb)$`)

// passes reports whether docker build sees a file of the repository.
func (r *repo) passes(name string) bool { return r.has(name) && !r.hides(name) }

// holdsCode reports whether docker build sees source below a path, which may have wildcards.
func (r *repo) holdsCode(root string) bool {
	if r.sources == nil {
		sources := []string{}
		for _, name := range r.in("") {
			r.budget.Steps(5)
			if code().MatchString(name) && !manifests().MatchString(path.Base(name)) {
				sources = append(sources, name)
			}
		}
		r.sources = sources
	}
	looked := 0
	for _, name := range r.below(r.sources, root) {
		if !r.hides(name) {
			return true
		}
		if looked++; looked > maxHidden {
			return false
		}
	}
	return false
}

// below returns the files of the tree that are a path or are in it. The path may have wildcards.
func (r *repo) below(files []string, root string) []string {
	if !strings.ContainsAny(root, `*?[\`) {
		return inFolder(files, dockerfile.FromRoot(root))
	}
	var names []string
	for _, name := range files {
		r.budget.Steps(2 + len(name)/budget.BytesOfRunes)
		if _, ok := dockerfile.Below(name, root); ok {
			names = append(names, name)
		}
	}
	return names
}

// maxHidden bounds how many files of a folder are matched against .dockerignore: where all of these are excluded, so are
// the rest.
const maxHidden = 1000

// mountsSource finds a bind mount of the whole repository.
func (r *repo) mountsSource(s dockerfile.Step) []Finding {
	for _, m := range s.Mounts() {
		if m.Type == instructions.MountTypeBind && m.From == "" {
			if what := r.isSource(m.Source); what != "" {
				return []Finding{at(s.Line, "the mount adds %s", what)}
			}
		}
	}
	return nil
}

// versionLast finds steps that a new version.json makes docker build repeat.
func versionLast(last *dockerfile.Stage) []Finding {
	var found []Finding
	version := 0
	for s := range last.Steps() {
		c, copies := s.Copying()
		_, run := s.Command.(*instructions.RunCommand)
		if version > 0 && (copies || run) {
			found = append(found, at(s.Line, "%s comes after version.json, which is added on line %d", strings.ToUpper(s.Name()), version))
		}
		if copies && c.From == "" && slices.ContainsFunc(c.SourcePaths, func(p string) bool { return path.Base(p) == "version.json" }) {
			version = s.Line
		}
	}
	return found
}
