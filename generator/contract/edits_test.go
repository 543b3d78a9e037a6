package contract

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// edit breaks one rule in a compliant tree. The finding must name a file, a line with a given text, and the reason.
type edit struct {
	rule, tree, path, old, new string
	file, line, why            string // file is path where it is empty
}

const (
	docker = "Dockerfile"
	github = ".github/workflows/ci.yml"
)

var edits = []edit{
	{"S1", "node", docker, "WORKDIR /app", "WORKDIR /srv", "", "FROM base\n", "last stage is /srv"},
	{"S1", "go", docker, "WORKDIR /app\nCOPY --from=build /out/app ./\nCOPY version.json ./", "COPY --from=build /out/app /bin/\nWORKDIR /app", "", "FROM scratch", "nothing is copied"},
	{"S1", "go", docker, "FROM scratch", "FORM scratch", "", "FORM scratch", "unknown instruction"},

	{"S2", "node", docker, "--gid 10001 app \\", "--gid 1001 app \\", "", "RUN groupadd", "group app has gid 1001"},
	{"S2", "node", docker, "useradd --uid 10001", "useradd --uid 1001", "", "RUN groupadd", "user app has uid 1001"},
	{"S2", "node", docker, "useradd --uid 10001 --gid 10001", "useradd --uid 10001 --gid 100", "", "RUN groupadd", "user app is 100"},
	{"S2", "node", docker, "RUN groupadd --gid 10001 app \\\n    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin app\n", "", "", "FROM base\n", "nothing creates user"},
	{"S2", "python", docker, "groupadd --gid 10001 app\n", "", "", "RUN <<EOF", "nothing creates group"},
	{"S2", "python", docker, "useradd --uid 10001", "useradd", "", "RUN <<EOF", "is not set"},
	{"S2", "go", docker, "app:x:10001:10001::", "app:x:65532:65532::", "", "COPY <<passwd", "uid 65532"},
	{"S2", "go", docker, "app:x:10001:\n", "app:x:1000:\n", "", "COPY <<group", "gid 1000"},

	{"S3", "node", docker, "USER app\n", "", "", "FROM base\n", "runs as root"},
	{"S3", "go", docker, "USER app\n", "", "", "FROM scratch", "runs as root"},
	{"S3", "python", docker, "USER app", "USER root", "", "USER root", "runs as root"},
	{"S3", "python", docker, "USER app", "USER app:root", "", "USER app:root", "runs as app:root"},

	{"S4", "node", docker, "ENTRYPOINT [\"node\"]\n", "", "", "FROM base\n", "no ENTRYPOINT"},
	{"S4", "node", docker, "CMD [\"server.js\"]\n", "", "", "FROM base\n", "no CMD"},
	{"S4", "node", docker, `["server.js"]`, "server.js", "", "CMD server.js", "shell form"},
	{"S4", "node", docker, `["node"]`, "node", "", "ENTRYPOINT node", "shell form"},
	{"S4", "node", docker, "ENTRYPOINT [\"node\"]\nCMD [\"server.js\"]", "ENTRYPOINT [\"npm\"]\nCMD [\"start\"]", "", "ENTRYPOINT", "npm starts the service"},
	{"S4", "python", docker, "ENTRYPOINT [\"python\", \"-m\"]\nCMD [\"hello\"]", "ENTRYPOINT [\"sh\", \"-c\"]\nCMD [\"python -m hello\"]", "", "ENTRYPOINT", "a shell receives"},

	{"S5", "node", docker, "COPY version.json ./\n", "", "", "FROM base\n", "not copied"},
	{"S5", "go", docker, "COPY version.json ./", "COPY version.json /", "", "COPY version.json", "is copied to /version.json"},
	{"S5", "node", ".dockerignore", "!version.json\n", "", "", "*", "is excluded"},
	{"S5", "python", ".dockerignore", "**/.env*", "*.json", "", "*.json", "is excluded"},
	{"S5", "go", ".dockerignore", ".git\n", "v*.json\n.git\n", "", "v*.json", "is excluded"},
	{"S5", "go", "version.json", `"build"`, `"job"`, "", "{", `the string "build"`},

	{"S6", "node", docker, "FROM node:24-slim", "FROM debian:12-slim", "", "FROM base\n", "debian:12-slim"},
	{"S6", "go", docker, "FROM golang:1.26", "FROM alpine:3", "", "FROM scratch", "not built with one"},

	{"S7", "node", docker, "COPY package.json package-lock.json ./\nRUN --mount=type=cache,target=/root/.npm npm ci --omit=dev", "COPY . .\nRUN --mount=type=cache,target=/root/.npm npm ci --omit=dev", "", "COPY . .", "whole repository, before npm ci"},
	{"S7", "node", docker, "COPY package.json package-lock.json ./\nRUN --mount=type=cache,target=/root/.npm npm ci --omit", "COPY package.json package-lock.json ./\nCOPY src ./src\nRUN --mount=type=cache,target=/root/.npm npm ci --omit", "", "COPY src ./src", "adds src"},
	{"S7", "node", docker, "FROM base AS dependencies\n", "FROM base AS dependencies\nARG GIT_SHA\n", "", "ARG GIT_SHA", "changes with every build"},
	{"S7", "node", docker, "FROM base AS dependencies\n", "FROM base AS dependencies\nCOPY version.json ./\n", "", "COPY version.json ./\n", "version.json, before npm ci"},
	{"S7", "node", docker, "COPY src ./src\nCOPY version.json ./\n", "COPY version.json ./\nCOPY src ./src\n", "", "COPY src", "after version.json"},
	{"S7", "python", docker, "source=uv.lock,target=uv.lock", "source=.,target=/src", "", "RUN --mount", "mount adds the whole"},
	{"S7", "go", docker, "COPY go.mod go.sum ./\nRUN --mount=type=cache,target=/go/pkg/mod go mod download\nCOPY . .\n", "COPY . .\nRUN go mod download\n", "", "COPY . .", "before go mod download"},
	{"S7", "go", docker, "COPY go.mod go.sum ./\nRUN --mount=type=cache,target=/go/pkg/mod go mod download\nCOPY . .\nRUN --mount=type=cache,target=/go/pkg/mod ", "COPY . .\nRUN ", "", "COPY . .", "before go build"},

	{"S8", "node", docker, "COPY src", "COPY --chown=app:app src", "", "COPY --chown", "makes the app user the owner"},
	{"S8", "node", docker, "USER app\n", "RUN chown -R app /app\nUSER app\n", "", "RUN chown", "makes the app user the owner"},
	{"S8", "node", docker, "USER app\n", "RUN chmod -R a+w .\nUSER app\n", "", "RUN chmod", "lets the app user write"},
	{"S8", "python", docker, "uv sync --locked --no-dev --no-install-project\n", "uv sync --locked --no-dev --no-install-project && chown -R 10001 .venv\n", "", "RUN --mount", "makes the app user the owner"},
	{"S8", "python", docker, "--no-create-home", "--create-home", "", "RUN <<EOF", "the owner of /app"},

	{"S9", "python", ".dockerignore", "**/.env*\n", "!hello/.env.local\n", docker, "COPY hello hello", "hello/.env.local would be copied to /app/hello/.env.local"},
	{"S9", "node", docker, "FROM base\n", "FROM base\nENV API_TOKEN=hunter2\n", "", "ENV API_TOKEN", "is readable"},
	{"S9", "node", docker, "FROM base AS dependencies\n", "FROM base AS dependencies\nARG NPM_TOKEN\n", "", "ARG NPM_TOKEN", "is readable"},

	{"S10", "node", docker, "ENV PORT=8000\n", "", "", "FROM base\n", "no ENV PORT"},
	{"S10", "node", docker, "PORT=8000", "PORT=3000", "", "ENV PORT", "3000"},
	{"S10", "node", docker, "EXPOSE 8000", "EXPOSE 80", "", "FROM base\n", "no EXPOSE"},
	{"S10", "node", docker, `["node"]`, `["supervisord"]`, "", "CMD", "several processes"},

	{"S13", "node", docker, "FROM node:24-slim", "FROM node:24", "", "FROM base\n", "compilers"},
	{"S13", "node", docker, " --omit=dev", " --include=dev", "", "RUN --mount=type=cache,target=/root/.npm npm ci", "development dependencies"},
	{"S13", "node", docker, "FROM base\nRUN ", "FROM base\nRUN apt-get update && apt-get install -y curl && ", "", "RUN apt-get", "lists stay"},
	{"S13", "python", docker, "groupadd --gid 10001 app\n", "groupadd --gid 10001 app\napt-get install -y gcc && rm -rf /var/lib/apt/lists/*\n", "", "RUN <<EOF", "gcc stays"},
	{"S13", "python", docker, " --no-dev", "", "", "RUN --mount", "development dependencies"},
	{"S13", "go", docker, "FROM scratch", "FROM golang:1.26", "", "FROM golang:1.26\n", "compiler"},
}

// apply makes the edit in a fresh tree. What it replaces must be there.
func (e edit) apply(t *testing.T) fstest.MapFS {
	t.Helper()
	files := tree(t, e.tree)
	before := string(files[e.path].Data)
	after := strings.Replace(before, e.old, e.new, 1)
	if after == before {
		t.Fatalf("%s does not hold %q", e.path, e.old)
	}
	files[e.path].Data = []byte(after)
	return files
}

func TestEditsAreCaught(t *testing.T) {
	t.Parallel()
	for _, e := range slices.Concat(edits, ciEdits) {
		t.Run(e.rule+" "+e.tree+" "+e.new, func(t *testing.T) {
			t.Parallel()
			files := e.apply(t)
			got := of(t, CheckRepo(t.Context(), files), e.rule)
			if got.Status != Fail {
				t.Fatalf("%s is %s (%s), want a fail", e.rule, got.Status, got.Note)
			}
			file := e.file
			if file == "" {
				file = e.path
			}
			if !slices.ContainsFunc(got.Findings, func(f Finding) bool { return e.matches(f, file, files) }) {
				t.Errorf("no finding in %s on a line with %q that says %q, but %v", file, e.line, e.why, got.Findings)
			}
		})
	}
}

func (e edit) matches(f Finding, file string, files fstest.MapFS) bool {
	if f.Path != file || !strings.Contains(f.Text, e.why) {
		return false
	}
	if e.line == "" {
		return true
	}
	lines := strings.SplitAfter(string(files[file].Data), "\n")
	return f.Line > 0 && f.Line <= len(lines) && strings.Contains(lines[f.Line-1], e.line)
}

func TestEveryStaticRuleHasAnEdit(t *testing.T) {
	t.Parallel()
	for _, r := range Rules {
		if r.repo != nil && !slices.ContainsFunc(slices.Concat(edits, ciEdits), func(e edit) bool { return e.rule == r.ID }) {
			t.Errorf("no edit breaks %s", r.ID)
		}
	}
}
