package fix

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/moby/patternmatcher"

	"dockerflow/generator/contract"
	"dockerflow/generator/lazyregexp"
)

// shutOut lists lines for .dockerignore, the most general first, so that one line can replace many.
var shutOut = []string{".git", "**/.env", "**/.env.*", "**/.env.local", "**/.env.production", "**/.env.development", "**/.env.test", "**/.env.staging",
	"gha-creds-*.json", "**/gha-creds-*.json", "**/id_rsa", "**/id_ed25519", "**/.netrc", "**/.pypirc", "**/.npmrc", "**/*.pem", "**/*.key"}

// ignoreLines adds lines to .dockerignore: version.json let in, and secrets excluded.
func ignoreLines(d dockerfileText) (all []proposedFix) {
	name, s := ".dockerignore", source{newline: "\n"}
	for _, n := range []string{d.name + ".dockerignore", ".dockerignore"} {
		if _, err := fs.Lstat(d.files, n); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var ok bool
		if s, ok = readSource(d.files, n); !ok {
			return nil
		}
		name = n
		break
	}
	add := func(rule, line string) {
		all = append(all, proposedFix{rule, name, line, s.after(len(s.lines), line)})
	}
	add("S5", "!version.json")
	named := d.namedSources()
	if len(named) > maxNamed {
		return all
	}
	for _, pattern := range shutOut {
		switch {
		case pattern == ".git" && d.readsGit(), pattern == "**/.env.*" && contract.HasSamples(d.files), d.anyMatches(pattern, named):
			// A build that needs the file would break.
		default:
			add("S9", pattern)
		}
	}
	return all
}

// namedSources are the paths that a COPY, an ADD or a bind mount names.
func (d dockerfileText) namedSources() (names []string) {
	for _, n := range d.nodes {
		if !is(n, "copy", "add") {
			continue
		}
		for arg := n.Next; arg != nil && arg.Next != nil; arg = arg.Next {
			names = append(names, strings.TrimPrefix(path.Clean("/"+arg.Value), "/"))
		}
	}
	return names
}

// stepsOfMatch is the cost of matching a path against a line.
const stepsOfMatch = 50

// maxNamed bounds how many paths are matched against each line. Where a Dockerfile names more, none is excluded: the
// build may need it.
const maxNamed = 1000

func (d dockerfileText) anyMatches(pattern string, names []string) bool {
	for _, name := range names {
		d.budget.Steps(stepsOfMatch)
		if out, err := patternmatcher.MatchesOrParentMatches(name, []string{pattern}); err != nil || out {
			return true
		}
		if strings.ContainsAny(name, "*?[") && strings.HasPrefix(path.Base(name), ".") {
			return true // such as COPY .env* ./
		}
	}
	return false
}

var gitReader = lazyregexp.New(`\bgit\b|setuptools[-_]scm|hatch-vcs|versioneer|\bpbr\b|vergen`)

// readsGit reports whether the build may look at the history.
func (d dockerfileText) readsGit() bool {
	for _, n := range d.nodes {
		if is(n, "run", "copy", "add") && d.matches(gitReader(), d.text(n)) {
			return true
		}
	}
	for _, name := range []string{"Makefile", "build.rs", "Cargo.toml", "setup.py", "setup.cfg", "pyproject.toml"} {
		if text, ok := readSource(d.files, name); ok && d.matches(gitReader(), strings.Join(text.lines, "")) {
			return true
		}
	}
	text, ok := readSource(d.files, "package.json")
	return ok && d.matches(gitCommand(), strings.Join(text.lines, ""))
}

// matches searches a text, which takes about a step for each character.
func (d dockerfileText) matches(pattern *regexp.Regexp, text string) bool {
	d.budget.Steps(len(text))
	return pattern.MatchString(text)
}

// gitCommand leaves out package.json's addresses of repositories.
var gitCommand = lazyregexp.New(`\bgit (?:rev-parse|describe|log|show|rev-list|status)`)

// placeholder adds a version.json, so that local builds work. CI writes its own.
func placeholder(address string) func(dockerfileText) []proposedFix {
	return func(d dockerfileText) []proposedFix {
		const name = "version.json"
		if _, err := fs.Lstat(d.files, name); !errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if ignored, ok := readSource(d.files, ".gitignore"); ok {
			for i := range ignored.lines {
				if strings.Contains(ignored.line(i+1), name) {
					return nil // it would never be committed
				}
			}
		}
		quoted, err := json.Marshal(address)
		if err != nil {
			return nil
		}
		text := "{\n  \"source\": " + string(quoted) + ",\n  \"version\": \"\",\n  \"commit\": \"\",\n  \"build\": \"\"\n}\n"
		return []proposedFix{{"S5", name, "a placeholder, which CI overwrites before the build", func() []byte { return []byte(text) }}}
	}
}
