package contract

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// nodeWith makes the Node tree with another Dockerfile text and .dockerignore.
func nodeWith(t *testing.T, ignore string, replace ...string) fstest.MapFS {
	t.Helper()
	files := tree(t, "node")
	text := string(files["Dockerfile"].Data)
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(text, replace[i]) {
			t.Fatalf("the Dockerfile does not hold %q", replace[i])
		}
		text = strings.Replace(text, replace[i], replace[i+1], 1)
	}
	files["Dockerfile"].Data = []byte(text)
	if ignore != "" {
		files[".dockerignore"].Data = []byte(ignore)
	}
	return files
}

const users = "RUN groupadd --gid 10001 app \\\n    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin app\n"

func TestUsersInOtherWords(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"RUN addgroup -g 10001 -S app && adduser -S -D -H -u 10001 -G app app\n",
		"RUN groupadd -g10001 app && useradd -u10001 -gapp app\n",
		"RUN useradd --uid=10001 app\n",
		"RUN [\"useradd\", \"-u\", \"10001\", \"app\"]\n",
		"ARG ID=10001\nRUN groupadd -g ${ID} app; useradd -u $ID -g $ID app\n",
		`RUN echo "app:x:10001:10001::/app:/bin/false" >> /etc/passwd && echo "app:x:10001:" >> /etc/group` + "\n",
		`RUN printf 'root:x:0:0::/root:\napp:x:10001:10001::/app:\n' > /etc/passwd && printf 'root:x:0:\napp:x:10001:\n' > /etc/group` + "\n",
	} {
		if got := of(t, CheckRepo(t.Context(), nodeWith(t, "", users, text)), "S2"); got.Status != Pass {
			t.Errorf("%s: %s %v %s", text, got.Status, got.Findings, got.Note)
		}
	}
	for _, text := range []string{"RUN ./users.sh\n", "RUN usermod -l app -u 10001 node\n", "ARG ID\nRUN groupadd -g $ID app && useradd -u $ID -g $ID app\n"} {
		if got := of(t, CheckRepo(t.Context(), nodeWith(t, "", users, text)), "S2"); got.Status != NotCheckable {
			t.Errorf("%s: %s %v", text, got.Status, got.Findings)
		}
	}
}

func TestSecretsGetIn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ignore string
		want   []string // what gets in by COPY . .
	}{
		{"*\n!src\n!version.json\n", nil},
		{"*\n!.env\n!version.json\n", []string{".env "}},
		{"*\n!.*\n", []string{".env ", ".env.local ", ".env.production ", ".git/config "}},
		{".git\n.env*\ngha-creds-*.json\n", nil},
		{"**/.env*\n.git\n", nil},
		{".git/\n.env\n.env.*\n*creds*\n", nil},
		{"# nothing\n", []string{".env ", ".env.local ", ".env.production ", ".git/config "}},
	} {
		got := of(t, CheckRepo(t.Context(), nodeWith(t, c.ignore, "COPY src ./src\n", "COPY . .\n")), "S9")
		if len(got.Findings) != len(c.want) {
			t.Errorf("%q lets in %v, want %v", c.ignore, got.Findings, c.want)
		}
		for _, w := range c.want {
			if !slices.ContainsFunc(got.Findings, func(f Finding) bool { return strings.HasPrefix(f.Text, w) }) {
				t.Errorf("%q: no finding for %s in %v", c.ignore, w, got.Findings)
			}
		}
	}
}

// An undecidable rule must neither pass nor fail.
func TestUndecided(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rule, old, new string }{
		{"S1", "WORKDIR /app", "ARG HOME_DIR\nWORKDIR $HOME_DIR"},
		{"S3", "USER app\n", "ARG WHO\nUSER $WHO\n"},
		{"S5", "COPY version.json ./", "RUN wget -O /app/version.json https://example.com/version.json"},
		{"S6", "FROM node:24-slim", "FROM registry.example.com/base/node-with-tools:3"},
		{"S6", "FROM node:24-slim", "ARG BASE\nFROM $BASE"},
		{"S7", "npm ci --omit=dev", "./install-dependencies"},
	} {
		files := nodeWith(t, "", c.old, c.new, "npm ci --include=dev", "true")
		if got := of(t, CheckRepo(t.Context(), files), c.rule); got.Status != NotCheckable || got.Note == "" {
			t.Errorf("%s with %q: %s %v", c.rule, c.new, got.Status, got.Findings)
		}
	}
}

func TestStagesAreFollowed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, dockerfile, rule string
		want                   Status
	}{
		{"version.json by way of a stage", "FROM node:24 AS build\nWORKDIR /src\nCOPY . .\nFROM node:24-slim\nWORKDIR /app\nCOPY --from=build /src ./\n", "S5", Pass},
		{"version.json lost in a stage", "FROM node:24 AS build\nWORKDIR /src\nCOPY . .\nFROM node:24-slim\nWORKDIR /app\nCOPY --from=build /src/src ./\n", "S5", Fail},
		{"a stage by its number", "FROM node:24\nWORKDIR /src\nCOPY . .\nFROM node:24-slim\nWORKDIR /app\nCOPY --from=0 /src ./\n", "S5", Pass},
		{"an entry point takes away an inherited CMD", "FROM node:24-slim AS base\nCMD [\"a.js\"]\nFROM base\nENTRYPOINT [\"node\"]\n", "S4", Fail},
		{"an inherited USER", "FROM node:24-slim AS base\nUSER app\nFROM base\n", "S3", Pass},
		{"ARG before FROM", "ARG TAG=24-slim\nFROM node:${TAG}\n", "S6", Pass},
		{"another escape character", "# escape=`\nFROM node:24-slim\nRUN groupadd -g 10001 app `\n && useradd -u 10001 -g app app\n", "S2", Pass},
		{"Windows' line ends", "FROM node:24-slim\r\nWORKDIR /app\r\nUSER app\r\n", "S3", Pass},
		{"a folder's dependencies of development left behind", "FROM node:24-slim AS build\nWORKDIR /b\nRUN npm ci\nFROM node:24-slim\nCOPY --from=build /b/dist /app\n", "S13", Pass},
	} {
		files := nodeWith(t, "*\n!src\n!version.json\n")
		files["Dockerfile"].Data = []byte(c.dockerfile)
		if got := of(t, CheckRepo(t.Context(), files), c.rule); got.Status != c.want {
			t.Errorf("%s: %s is %s, want %s: %v %s", c.name, c.rule, got.Status, c.want, got.Findings, got.Note)
		}
	}
}

// Stages that copy often from the one before must not take time that multiplies with each.
func TestCopiesDoNotExplode(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("FROM node:24 AS s0\nCOPY . /\n")
	for i := range 60 {
		fmt.Fprintf(&b, "FROM node:24 AS s%d\n", i+1)
		for _, paths := range []string{"/nothing /x", "/nothing /y", "/etc /etc", "/etc/passwd /etc/", "/ /a", "/ /b"} {
			fmt.Fprintf(&b, "COPY --from=s%d %s\n", i, paths)
		}
	}
	files := fstest.MapFS{"Dockerfile": {Data: []byte(b.String())}}
	if got := of(t, CheckRepo(t.Context(), files), "S9"); got.Status != Fail {
		t.Errorf("S9 is %s", got.Status)
	}
}
