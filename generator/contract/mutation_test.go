package contract

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"dockerflow/generator/contract/pipeline"
)

// mutation is one edit that breaks the contract, made wherever a generated project has what it changes: in its last place.
type mutation struct {
	name, path, old, new string
	rules                string // all that must fail by it, and no other
}

const (
	copyVersion = `(?m)^COPY (?:--link )?version\.json (?:/app/|\./)\n`
	userApp     = `(?m)^USER app\n`
	lastFrom    = `(?m)^(FROM (?:base|scratch))\n`
	useradd     = `useradd --uid 10001 --gid 10001`
	startCmd    = `(?m)^CMD \["([^"\n]*)"(.*)\]\n`
	startPoint  = `(?m)^ENTRYPOINT \["(.*)"\]\n`
	firstPlace  = `(?:)` // the edit is made in the first place, not the last
	everywhere  = `(?s)` // the edit is made in every place
	passOn      = `docker login --username "\$DOCKER_USER" --password-stdin`
	loadImage   = `docker load --input image.tar\n`
)

var mutations = []mutation{
	{"WORKDIR is another", docker, `(?m)^WORKDIR /app\n(ENV PORT=8000\n\nFROM)`, "WORKDIR /srv\n${1}", "S1?"},
	{"a misspelt instruction", docker, `(?m)^EXPOSE`, "EXPOES", "S1"},
	{"FROM is gone", docker, `(?m)^FROM (.*)\n`, "FROM\n", "S1"},
	{"everything in /srv", docker, everywhere + `/app\b`, "/srv", "S1?"},

	{"uid 1001", docker, `useradd --uid 10001`, "useradd --uid 1001", "S2"},
	{"uid 1000", docker, `useradd --uid 10001`, "useradd --uid 1000", "S2"},
	{"uid left to chance", docker, `useradd --uid 10001`, "useradd", "S2"},
	{"gid 1001 for the group", docker, `groupadd --gid 10001`, "groupadd --gid 1001", "S2"},
	{"gid left to chance", docker, `groupadd --gid 10001`, "groupadd", "S2"},
	{"the user in another group", docker, useradd, "useradd --uid 10001 --gid 100", "S2"},
	{"no group", docker, `groupadd --gid 10001 app`, "true", "S2"},
	{"no user", docker, useradd, "true", "S2"},
	{"a user of another name", docker, `groupadd --gid 10001 app((?s).*)/usr/sbin/nologin app`, "groupadd --gid 10001 web${1}/usr/sbin/nologin web", "S2"},

	{"no USER", docker, userApp, "", "S3"},
	{"USER root", docker, userApp, "USER root\n", "S3"},
	{"USER 0", docker, userApp, "USER 0\n", "S3"},
	{"USER nobody", docker, userApp, "USER nobody\n", "S3"},
	{"USER 1001", docker, userApp, "USER 1001\n", "S3"},
	{"group root", docker, userApp, "USER app:root\n", "S3"},
	{"USER root once more", docker, startPoint, "USER root\n${0}", "S3"},

	{"CMD alone", docker, startPoint, "", "S4"},
	{"ENTRYPOINT alone", docker, startCmd, "", "S4"},
	{"CMD in shell form", docker, startCmd, "CMD $1\n", "S4"},
	{"ENTRYPOINT in shell form", docker, startPoint, "ENTRYPOINT $1\n", "S4"},
	{"npm starts it", docker, startPoint + `CMD .*\n`, "ENTRYPOINT [\"npm\"]\nCMD [\"start\"]\n", "S4"},
	{"yarn starts it", docker, startPoint + `CMD .*\n`, "ENTRYPOINT [\"yarn\"]\nCMD [\"start\"]\n", "S4"},
	{"a shell starts it", docker, startPoint + `CMD .*\n`, "ENTRYPOINT [\"sh\", \"-c\"]\nCMD [\"node server.js\"]\n", "S4"},
	{"ENTRYPOINT is empty", docker, startPoint, "ENTRYPOINT []\n", "S4"},

	{"version.json is not copied", docker, copyVersion, "", "S5"},
	{"version.json in the root", docker, copyVersion, "COPY version.json /\n", "S5"},
	{"version.json under another name", docker, copyVersion, "COPY version.json /app/version\n", "S5"},
	{"version.json is not let in", ".dockerignore", `!version\.json\n`, "", "S5"},
	{"version.json is excluded last", ".dockerignore", `\z`, "*.json\n", "S5"},
	{"version.json is excluded by **", ".dockerignore", `\z`, "**/version.*\n", "S5"},
	{"version.json lacks its commit", "version.json", `"commit"`, `"sha"`, "S5"},
	{"version.json has a number", "version.json", `"version": ""`, `"version": 1`, "S5"},
	{"version.json is no JSON", "version.json", `\{`, "", "S5"},

	{"built on Debian", docker, `(?m)^FROM (?:golang|node|python):\S+`, "FROM debian:13-slim", "S6"},
	{"built on Alpine's plain image", docker, `(?m)^FROM (?:golang|node|python):\S+`, "FROM alpine:3", "S6"},

	{"everything before the install", docker, firstPlace + `(?m)^COPY (?:package\.json package-lock\.json|pyproject\.toml uv\.lock|go\.mod go\.sum) \./\n`, "COPY . .\n", "S7"},
	{"the source before the install", docker, firstPlace + `(?m)^COPY (pyproject\.toml|go\.mod|package\.json)`, "COPY src service *.go ./\nCOPY $1", "S7"},
	{"version.json before the install", docker, firstPlace + `(?m)^COPY (pyproject\.toml|go\.mod|package\.json)`, "COPY version.json ./\nCOPY $1", "S7"},
	{"a commit in an early ARG", docker, `(?m)^FROM (.*) AS base\n`, "${0}ARG GIT_COMMIT\n", "S7"},
	{"a build's number in an early ARG", docker, `(?m)^FROM (.*) AS base\n`, "${0}ARG BUILD_NUMBER=0\n", "S7"},
	{"version.json is not last", docker, lastFrom, "${0}COPY version.json /app/\n", "S7"},
	{"a RUN after version.json", docker, copyVersion, "${0}RUN true\n", "S7"},
	{"packages after the source", docker, `(?m)^COPY (?:--link )?(?:src src|service /app/service)\n`, "${0}RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\n", "S7"},

	{"chown -R", docker, userApp, "RUN chown -R app:app /app\nUSER app\n", "S8?"},
	{"COPY --chown", docker, `(?m)^COPY (?:--link )?(server\.js|package\.json server\.js|service|--from=build) `, "COPY --chown=app:app $1 ", "S8"},
	{"COPY --chown by number", docker, copyVersion, "COPY --chown=10001:10001 version.json /app/\n", "S8"},
	{"COPY --chmod", docker, copyVersion, "COPY --chmod=0777 version.json /app/\n", "S8"},
	{"chmod a+w", docker, copyVersion, "RUN chmod -R a+w /app\n${0}", "S8"},
	{"chmod 777", docker, copyVersion, "RUN chmod 777 /app\n${0}", "S8"},

	{"a token as ARG", docker, lastFrom, "${0}ARG NPM_TOKEN\n", "S9"},
	{"a password as ENV", docker, lastFrom, "${0}ENV DB_PASSWORD=hunter2\n", "S9"},
	{"an API key as ENV", docker, lastFrom, "${0}ENV SENTRY_API_KEY=abcdef0123\n", "S9"},
	{".env gets in", docker, copyVersion, "COPY .env /app/\n${0}", "S9!.env"},
	{"a key gets in", docker, copyVersion, "COPY id_rsa /root/.ssh/\n${0}", "S9!id_rsa"},

	{"no ENV PORT", docker, `(?m)^ENV PORT=8000\n`, "", "S10"},
	{"PORT=3000", docker, `(?m)^ENV PORT=8000\n`, "ENV PORT=3000\n", "S10"},
	{"no EXPOSE", docker, `(?m)^EXPOSE 8000\n`, "", "S10"},
	{"EXPOSE 80", docker, `(?m)^EXPOSE 8000\n`, "EXPOSE 80\n", "S10"},
	{"a supervisor", docker, startPoint, "ENTRYPOINT [\"supervisord\"]\n", "S10"},

	{"nothing is run in CI", "", everywhere + `docker run`, "echo run", "S11"},
	{"the image is not built", "", `docker (buildx )?build (--load )?--tag app:build`, "echo", "S11"},
	{"built again to be pushed", "", loadImage, "docker build --tag app:build .\n", "S11"},
	{"pushed without being there", "", loadImage, "true\n", "S11"},
	{"nothing pushed", "", `docker push "\$image"`, "true", "S11"},
	{"the password on a command line", "", passOn, `docker login -u "$$DOCKER_USER" -p "$$DOCKER_PASS"`, "S11"},
	{"no tags on CircleCI", pipeline.CircleFile, `filters: pipeline\.git\.branch != "" or pipeline\.git\.tag != ""`, `filters: pipeline.git.branch != ""`, "S11"},
	{"main only on CircleCI", pipeline.CircleFile, `filters: pipeline\.git\.branch != "" or pipeline\.git\.tag != ""`, `filters: pipeline.git.branch == "main" or pipeline.git.tag != ""`, "S11"},
	{"pull requests are not built", github, `(?m)^  pull_request:\n`, "", "S11"},
	{"a login for forks", github, `- name: Build the image`, "- uses: docker/login-action@v3\n      - name: Build the image", "S11"},
	{"a job that is not there", github, `needs: build`, "needs: biuld", "S11"},
	{"no setup configuration", pipeline.CircleShim, `setup: true\n`, "", "S11"},
	{"a configuration that is not there", pipeline.CircleShim, `configuration_path: circle\.yml`, "configuration_path: circleci.yml", "S11"},

	{"the large image", docker, `(?m)^FROM (node|python):(\S+)-slim`, "FROM $1:$2", "S13"},
	{"ships the compiler", docker, `(?m)^FROM scratch\n`, "FROM golang:1.26\n", "S13"},
	{"development dependencies", docker, `npm ci --omit=dev --omit=optional`, "npm ci --omit=optional --include=dev", "S13"},
	{"development dependencies of uv", docker, `uv sync --locked --no-dev`, "uv sync --locked", "S13"},
	{"apt's lists", docker, lastFrom, "${0}RUN apt-get update && apt-get install -y curl\n", "S13"},
	{"a compiler", docker, lastFrom, "${0}RUN apt-get update && apt-get install -y gcc && rm -rf /var/lib/apt/lists/*\n", "S13"},
}

// generated are the projects as the templates make them.
func generated(t *testing.T) map[string]fstest.MapFS {
	t.Helper()
	all := map[string]fstest.MapFS{}
	for _, name := range []string{"go", "go-github", "node", "node-github", "python", "python-github"} {
		all[name] = golden(t, name)
	}
	return all
}

// golden returns the files of a golden case, combined with its base. Package cases reads them too, but imports this package.
func golden(t *testing.T, name string) fstest.MapFS {
	t.Helper()
	a, err := txtar.ParseFile(filepath.Join("..", "..", "golden", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{}
	for line := range strings.Lines(string(a.Comment)) {
		if base, ok := strings.CutPrefix(line, "base: "); ok {
			files = golden(t, strings.TrimSpace(base))
		}
		if gone, ok := strings.CutPrefix(line, "gone: "); ok {
			delete(files, strings.TrimSpace(gone))
		}
	}
	for _, f := range a.Files {
		files[strings.TrimSuffix(f.Name, " +x")] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
	}
	return files
}

// mutate makes the edit in the last place of the file. Without a path it is made in the CI's own file.
func (m mutation) mutate(files fstest.MapFS) (fstest.MapFS, bool) {
	file := m.path
	if file == "" {
		if file = pipeline.CircleFile; files[file] == nil {
			file = github
		}
	}
	f := files[file]
	if f == nil {
		return nil, false
	}
	pattern := regexp.MustCompile(m.old)
	text := string(f.Data)
	places := pattern.FindAllStringSubmatchIndex(text, -1)
	if len(places) == 0 {
		return nil, false
	}
	if strings.HasPrefix(m.old, everywhere) {
		text = pattern.ReplaceAllString(text, m.new)
	} else {
		at := places[len(places)-1]
		if strings.HasPrefix(m.old, firstPlace) {
			at = places[0]
		}
		text = text[:at[0]] + string(pattern.ExpandString(nil, m.new, text, at)) + text[at[1]:]
	}
	next := fstest.MapFS{}
	for name, f := range files {
		next[name] = f
	}
	next[file] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	return next, text != string(f.Data)
}

// failingRules are the rules that a repository breaks.
func failingRules(results []Result) []string {
	var ids []string
	for _, r := range results {
		if r.Status == Fail {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// Every edit that breaks the contract must be caught by its own rule, in every generated project that it can be made in.
// An edit with a ? breaks others on its way; with a ! the file must get past .dockerignore, which lets in what is named.
func TestMutationsAreCaught(t *testing.T) {
	t.Parallel()
	projects := generated(t)
	made, caught := 0, 0
	for _, m := range mutations {
		places := 0
		rule, named, _ := strings.Cut(m.rules, "!")
		rule, loose := strings.CutSuffix(rule, "?")
		for name, files := range projects {
			if named != "" {
				files = changed(files, ".dockerignore", string(files[".dockerignore"].Data)+"!"+named+"\n")
			}
			broken, ok := m.mutate(files)
			if !ok {
				continue
			}
			places++
			made++
			ids := failingRules(CheckRepo(t.Context(), broken))
			switch {
			case !slices.Contains(ids, rule):
				t.Errorf("%s in %s: %s does not fail, but %v:\n%s", m.name, name, rule, ids, written(CheckRepo(t.Context(), broken)))
			case !loose && len(ids) > 1:
				t.Errorf("%s in %s: %v fail, want %s alone:\n%s", m.name, name, ids, rule, written(CheckRepo(t.Context(), broken)))
			default:
				caught++
			}
		}
		if places == 0 {
			t.Errorf("%s: no generated project has what it changes", m.name)
		}
	}
	if len(mutations) < 60 {
		t.Errorf("%d mutations, want 60 at least", len(mutations))
	}
	t.Logf("%d edits, made %d times in %d generated projects: %d caught", len(mutations), made, len(projects), caught)
}

func changed(files fstest.MapFS, name, text string) fstest.MapFS {
	next := fstest.MapFS{name: {Data: []byte(text), Mode: 0o644}}
	for n, f := range files {
		if n != name {
			next[n] = f
		}
	}
	return next
}

func TestGeneratedProjectsHaveNoFindings(t *testing.T) {
	t.Parallel()
	for name, files := range generated(t) {
		if ids := failingRules(CheckRepo(t.Context(), files)); len(ids) > 0 {
			t.Errorf("%s: %v", name, written(CheckRepo(t.Context(), files)))
		}
	}
}
