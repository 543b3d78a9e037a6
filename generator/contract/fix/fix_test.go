package fix

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"dockerflow/generator/contract"
)

// ready is a repository that keeps all that Fix could fix but for what a test breaks.
func ready(dockerfile string, more ...string) fstest.MapFS {
	files := fstest.MapFS{
		"Dockerfile":    {Data: []byte(dockerfile)},
		".dockerignore": {Data: []byte("*\n!version.json\n!server.js\n")},
		"server.js":     {Data: []byte("")},
		"version.json":  {Data: []byte(`{"source": "", "version": "", "commit": "", "build": ""}`)},
	}
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] == "-" {
			delete(files, more[i])
			continue
		}
		files[more[i]] = &fstest.MapFile{Data: []byte(more[i+1])}
	}
	return files
}

const upper = "FROM node:24-slim\nWORKDIR /app\nRUN groupadd -g 10001 app && useradd -u 10001 -g app app\nCOPY . ./\n"

func TestExecForm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, want string }{ // a want of "" leaves the old
		{"CMD node server.js", `CMD ["node", "server.js"]`},
		{"cmd\tnode   server.js --a=b \"a b\" 'c (d)' ", "cmd\t" + `["node", "server.js", "--a=b", "a b", "c (d)"] `},
		{"ENTRYPOINT exec node server.js", `ENTRYPOINT ["node", "server.js"]`},
		{"ENTRYPOINT [\"tini\", \"--\"]\nCMD node server.js", "ENTRYPOINT [\"tini\", \"--\"]\nCMD [\"node\", \"server.js\"]"},
		{"ENTRYPOINT [\"/usr/bin/dumb-init\"]\nCMD node server.js", "ENTRYPOINT [\"/usr/bin/dumb-init\"]\nCMD [\"node\", \"server.js\"]"},
		{"CMD node server.js $PORT", ""},
		{"CMD node server.js \"$PORT\"", ""},
		{"CMD node migrate.js && node server.js", ""},
		{"CMD node server.js | tee log", ""},
		{"CMD node server.js > log", ""},
		{"CMD node server.js *.js", ""},
		{"CMD node ~/server.js", ""},
		{"CMD node server.js `date`", ""},
		{"CMD node server.js #x", ""},
		{"CMD node serv\\er.js", ""},
		{"CMD node \"server\\\".js\"", ""},
		{"CMD node 'server.js", ""},
		{"CMD node a'b'", ""},
		{"CMD node {a,b}.js", ""},
		{"CMD NODE_ENV=production node server.js", ""},
		{"CMD cd src", ""},
		{"CMD . ./start", ""},
		{"CMD exec", ""},
		{"CMD exec -a x node", ""},
		{"CMD \"\" x", ""},
		{"CMD node \\\n  server.js", ""},
		{"CMD ['node', 'server.js']", ""},
		{"ENTRYPOINT node server.js\nCMD [\"serve\"]", ""},   // the exec form would take the CMD
		{"ENTRYPOINT [\"node\"]\nCMD server.js", ""},         // it started something else before
		{"ENTRYPOINT [\"./start.sh\"]\nCMD node a.js", ""},   // who knows what that does
		{"ENTRYPOINT [\"tini\", \"node\"]\nCMD node a", ""},  // node gets these words
		{"SHELL [\"bash\", \"-c\"]\nCMD node server.js", ""}, // it may set options
	} {
		tail := "\nUSER app\nENV PORT=8000\nEXPOSE 8000\n"
		before := upper + c.old + tail
		got := Find(t.Context(), ready(before), contract.Options{}, "").Files["Dockerfile"]
		if c.want == "" {
			if got != nil {
				t.Errorf("%q became\n%s", c.old, got)
			}
			continue
		}
		if want := upper + c.want + tail; string(got) != want {
			t.Errorf("%q: (-want +got)\n%s", c.old, cmp.Diff(want, string(got)))
		}
	}
	base := "FROM registry.example.com/base\n" + strings.TrimPrefix(upper, "FROM node:24-slim\n") + "CMD node server.js\n"
	for _, m := range Find(t.Context(), ready(base), contract.Options{}, "").Fixes {
		if m.Rule == "S4" {
			t.Error("a base image whose entry point is not known")
		}
	}
}

func TestPortSettings(t *testing.T) {
	t.Parallel()
	start := "ENTRYPOINT [\"node\"]\nCMD [\"server.js\"]\n"
	for _, c := range []struct{ name, old, want string }{
		{"neither", upper + "USER app\n" + start, upper + "ENV PORT=8000\nEXPOSE 8000\nUSER app\n" + start},
		{"only the port", upper + "USER app\nENV A=1 \\\n  PORT=8000\n" + start, upper + "USER app\nENV A=1 \\\n  PORT=8000\nEXPOSE 8000\n" + start},
		{"only what is exposed", upper + "EXPOSE 8000\nUSER app\n" + start, upper + "ENV PORT=8000\nEXPOSE 8000\nUSER app\n" + start},
		{"Windows' line ends", strings.ReplaceAll(upper+"USER app\n"+start, "\n", "\r\n"),
			strings.ReplaceAll(upper+"ENV PORT=8000\nEXPOSE 8000\nUSER app\n"+start, "\n", "\r\n")},
		{"a byte order mark", "\xef\xbb\xbf" + upper + start, "\xef\xbb\xbf" + upper + "ENV PORT=8000\nEXPOSE 8000\n" + start},
		{"no end of the last line", strings.TrimSuffix(upper, "\n"), upper + "ENV PORT=8000\nEXPOSE 8000\n"},
		{"a here document", upper + "RUN <<EOF\ntrue\nEOF\n" + start, upper + "RUN <<EOF\ntrue\nEOF\nENV PORT=8000\nEXPOSE 8000\n" + start},
		{"in small letters", strings.Replace(upper, "FROM", "from", 1), strings.Replace(upper, "FROM", "from", 1) + "env PORT=8000\nexpose 8000\n"},
		{"a health check's times", upper + "HEALTHCHECK --interval=30s --retries=10 CMD [\"node\", \"health.js\"]\n" + start,
			upper + "ENV PORT=8000\nEXPOSE 8000\nHEALTHCHECK --interval=30s --retries=10 CMD [\"node\", \"health.js\"]\n" + start},
		{"an address", upper + "HEALTHCHECK CMD [\"curl\", \"127.0.0.1:${PORT}/\"]\n" + start, upper + "ENV PORT=8000\nEXPOSE 8000\nHEALTHCHECK CMD [\"curl\", \"127.0.0.1:${PORT}/\"]\n" + start},
		{"another port", upper + "ENV PORT=8080\n" + start, ""},
		{"another port as an argument", upper + "ARG PORT=8080\n" + start, ""},
		{"another port exposed", upper + "EXPOSE 3000\n" + start, ""},
		{"another port probed", upper + "HEALTHCHECK CMD [\"curl\", \"http://localhost:3000/\"]\n" + start, ""},
		{"another port started", upper + "ENTRYPOINT [\"node\"]\nCMD [\"server.js\", \"--port\", \"3000\"]\n", ""},
	} {
		got, ok := Find(t.Context(), ready(c.old), contract.Options{}, "").Files["Dockerfile"]
		switch {
		case c.want == "" && ok:
			t.Errorf("%s: it became\n%s", c.name, got)
		case c.want != "" && string(got) != c.want:
			t.Errorf("%s (-want +got):\n%s", c.name, cmp.Diff(c.want, string(got)))
		}
	}
}

const whole = upper + "USER app\nENV PORT=8000\nEXPOSE 8000\nENTRYPOINT [\"node\"]\nCMD [\"server.js\"]\n"

func TestIgnoreLines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		files fstest.MapFS
		path  string
		want  string // "" where nothing is certain
	}{
		{"there is none", ready(whole, ".dockerignore", "-"), ".dockerignore", ".git\n**/.env\n**/.env.*\n"},
		{"it comes last, and its end is kept", ready(whole, ".dockerignore", "# ours\r\n.git\r\n!.env"), ".dockerignore",
			"# ours\r\n.git\r\n!.env\r\n**/.env\r\n**/.env.*\r\n"},
		{"version.json is let in", ready(whole, ".dockerignore", "*\n!server.js\n"), ".dockerignore", "*\n!server.js\n!version.json\n"},
		{"the Dockerfile's own", ready(whole, "Dockerfile.dockerignore", "*.json\n.git\n.env*\n"), "Dockerfile.dockerignore", "*.json\n.git\n.env*\n!version.json\n"},
		{"samples stay", ready(whole, ".dockerignore", ".git\ngha*\n", ".env.example", ""), ".dockerignore",
			".git\ngha*\n**/.env\n**/.env.local\n**/.env.production\n"},
		{"the build reads the history", ready(strings.Replace(whole, "COPY . ./\n", "COPY . ./\nRUN git describe > commit\n", 1), ".dockerignore", ".env*\ngha*\n"), ".dockerignore", ""},
		{"the project's version is its tag", ready(whole, ".dockerignore", ".env*\ngha*\n", "pyproject.toml", "requires = [\"setuptools-scm\"]\n"), ".dockerignore", ""},
		{"a repository's address", ready(whole, ".dockerignore", ".env*\ngha*\n", "package.json", `{"repository": "git+https://github.com/a/b.git"}`), ".dockerignore", ".env*\ngha*\n.git\n"},
		{"COPY names it", ready(strings.Replace(whole, "COPY . ./\n", "COPY . ./\nCOPY .env ./\n", 1), ".dockerignore", ".git\ngha*\n.env.*\n"), ".dockerignore", ""},
	} {
		got, ok := Find(t.Context(), c.files, contract.Options{}, "").Files[c.path]
		if ok != (c.want != "") || string(got) != c.want {
			t.Errorf("%s (-want +got):\n%s", c.name, cmp.Diff(c.want, string(got)))
		}
	}
}

func TestPlaceholder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		files fstest.MapFS
		want  string
	}{
		{"there is none", ready(whole, "version.json", "-"), "{\n  \"source\": \"https://github.com/acme/x\",\n  \"version\": \"\",\n  \"commit\": \"\",\n  \"build\": \"\"\n}\n"},
		{"there is one", ready(whole), ""},
		{"there is a wrong one", ready(whole, "version.json", "{}"), ""},
		{"git would not take it", ready(whole, "version.json", "-", ".gitignore", "a\n/version.json\n"), ""},
		{"nothing would copy it", ready(strings.Replace(whole, "COPY . ./", "COPY server.js ./", 1), "version.json", "-"), ""},
	} {
		if got := string(Find(t.Context(), c.files, contract.Options{}, "https://github.com/acme/x").Files["version.json"]); got != c.want {
			t.Errorf("%s: it is %q, want %q", c.name, got, c.want)
		}
	}
}

func TestFixAnotherDockerfile(t *testing.T) {
	t.Parallel()
	files := ready("FROM scratch\n", "docker/web", strings.Replace(whole, "EXPOSE 8000\n", "", 1), "docker/web.dockerignore", "*.json\n.git\n.env*\n")
	got := Find(t.Context(), files, contract.Options{Dockerfile: "docker/web"}, "")
	if string(got.Files["docker/web"]) != whole || len(got.Files) != 2 || !strings.HasSuffix(string(got.Files["docker/web.dockerignore"]), ".env*\n!version.json\n") {
		t.Errorf("it fixes %v: %s", got.Fixes, got.Files)
	}
}

func FuzzFix(f *testing.F) {
	for _, text := range []string{"CMD node server.js", "EXPOSE 80", "USER root\n", "FROM scratch\n", "*.json\n", "**/.env*\n"} {
		f.Add(upper+text, text)
	}
	f.Add("\xef\xbb\xbf"+upper+"CMD node 'a b'\r\n", "!.env\r\n")
	f.Fuzz(func(t *testing.T, dockerfile, ignore string) {
		files := ready(dockerfile, ".dockerignore", ignore, "version.json", "-")
		m := Find(t.Context(), files, contract.Options{}, "")
		for name := range maps.Keys(m.Files) {
			if !slices.Contains([]string{"Dockerfile", ".dockerignore", "version.json"}, name) {
				t.Errorf("writes %s", name)
			}
		}
		if again := Find(t.Context(), m.Over(files), contract.Options{}, ""); len(again.Fixes) > 0 {
			t.Errorf("a second time fixes %v", again.Fixes)
		}
	})
}
