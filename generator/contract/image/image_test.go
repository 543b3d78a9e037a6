package image

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dockerflow/generator/contract"
)

// undecided are the rules that no image shows.
var undecided = map[string]bool{"S6": true, "S7": true, "S11": true, "S12": true}

// check checks the fake's image, and requires that every container is gone.
func (f *fake) check(o Options) ([]contract.Result, error) {
	o.pace = testPace
	if o.Patience == 0 {
		o.Patience = 20 * time.Second // on a busy machine, too
	}
	results, err := Check(f.t.Context(), f.engine(), "hello", o)
	if len(f.containers) > 0 {
		f.t.Errorf("%d containers are left", len(f.containers))
	}
	return results, err
}

// failures returns the findings of the rules that fail.
func failures(results []contract.Result) map[string][]string {
	all := map[string][]string{}
	for _, r := range results {
		for _, f := range r.Findings {
			all[r.ID] = append(all[r.ID], f.Text)
		}
	}
	return all
}

func status(results []contract.Result, rule string) string {
	for _, r := range results {
		if r.ID == rule {
			return strings.TrimSpace(r.Status.String() + " " + r.Note)
		}
	}
	return ""
}

func TestCompliantImagePasses(t *testing.T) {
	t.Parallel()
	for _, form := range []string{"oci", "gzip", "docker"} {
		f := newFake(t)
		f.form = form
		results, err := f.check(Options{})
		if err != nil || len(results) != len(contract.Rules) {
			t.Fatal(len(results), err)
		}
		for n, r := range results {
			want := contract.Pass
			if undecided[r.ID] {
				want = contract.NotCheckable
			}
			if r.Status != want || r.ID != contract.Rules[n].ID || want == contract.NotCheckable && r.Note == "" {
				t.Errorf("%s: %s is %s: %v %s", form, r.ID, r.Status, r.Findings, r.Note)
			}
		}
		for _, p := range f.all {
			if !strings.Contains(strings.Join(p.args, " "), "--pull=never --no-healthcheck") {
				t.Errorf("it runs %v", p.args)
			}
		}
	}
}

// broken is every fault and exactly what is found of it.
var broken = []struct {
	name   string
	change func(*fake)
	want   map[string][]string
}{
	{"nothing in /app", func(f *fake) {
		f.layers[1] = []tar.Header{header("app/", 0, 0o755, ""), header("app/version.json", 0, 0o644, versionText)}
	}, map[string][]string{"S1": {"/app contains no application files"}}},
	{"no accounts", func(f *fake) {
		f.replace("etc/passwd", 0, "root:x:0:0::/:\n")
		f.replace("etc/group", 0, "")
	},
		map[string][]string{"S2": {"/etc/passwd has no user app", "/etc/group has no group app"}}},
	{"other numbers", func(f *fake) {
		f.replace("etc/passwd", 0, "app:x:1000:10001::/:\n")
		f.replace("etc/group", 0, "app:x:1000:\n")
	}, map[string][]string{"S2": {"user app has uid 1000, want 10001", "group app has gid 1000, want 10001"}}},
	{"no member", func(f *fake) { f.replace("etc/passwd", 0, "app:x:10001:100::/:\n") },
		map[string][]string{"S2": {"user app is not in group app: its group is 100"}}},
	{"no USER", func(f *fake) { f.config["User"] = "" }, map[string][]string{"S3": {"no USER: the container runs as root"}}},
	{"another USER", func(f *fake) { f.config["User"] = "node:app" }, map[string][]string{"S3": {"the container runs as node:app"}}},
	{"shell form", func(f *fake) { f.config["Cmd"] = []string{"/bin/sh", "-c", "node server.js"} },
		map[string][]string{"S4": {"CMD runs a shell, which receives the signals: /bin/sh -c node server.js"}}},
	{"CMD alone", func(f *fake) { f.config["Entrypoint"] = nil }, map[string][]string{"S4": {"there is no ENTRYPOINT"}}},
	{"no version.json", func(f *fake) { f.layers[1] = f.layers[1][:2]; f.fault = "/__version__ answers 404 {}" },
		map[string][]string{"S5": {"/app/version.json is missing"}}},
	{"version.json taken away", func(f *fake) {
		f.layers = append(f.layers, []tar.Header{header("app/.wh.version.json", 0, 0o644, "")})
		f.by = append(f.by, "RUN rm")
		f.fault = "/__version__ answers 404 {}"
	}, map[string][]string{"S5": {"/app/version.json is missing"}}},
	{"version.json without commit", func(f *fake) {
		f.replace("app/version.json", 0, `{"source":"","version":"","build":""}`)
		f.fault = `/__version__ answers 200 {"source":"","version":"","build":""}`
	}, map[string][]string{
		"S5": {`/app/version.json: it lacks the string "commit"`},
		"L2": {`GET /__version__: it lacks the string "commit"`},
		"L3": {`GET /__version__ without the file returns 200, want 404`},
	}},
	{"the app user's files", func(f *fake) {
		f.replace("app/server.js", 10001, "x")
		f.add(header("app/tmp/", 0, 0o1777, ""), tar.Header{Name: "app/log", Typeflag: tar.TypeReg, Gid: 10001, Mode: 0o664})
	}, map[string][]string{"S8": {
		"the app user's group can write to /app/log", "the app user owns /app/server.js", "anyone can write to /app/tmp",
	}}},
	{"a root that it writes to", func(f *fake) { f.fault = "writes to its root" }, map[string][]string{"S8": {
		`it does not start with a read-only root and a tmpfs on /tmp: with PORT=18017 it exits with status 1; its last output is "read-only file system"`,
	}}},
	{"secret files", func(f *fake) {
		f.add(header("app/.env", 0, 0o644, "A=b"), header("app/.env.example", 0, 0o644, "A="), header("app/node_modules/x/.env", 0, 0o644, "A="),
			header("app/.git/config", 0, 0o644, "x"), header("root/.docker/config.json", 0, 0o600, "{}"), header("usr/share/doc/id_rsa", 0, 0o644, "x"))
	}, map[string][]string{"S9": {
		"/app/.env is in layer 2 (COPY . .)", "/app/.git/config is in layer 2 (COPY . .)", "/root/.docker/config.json is in layer 2 (COPY . .)",
	}}},
	{"a secret taken away", func(f *fake) {
		f.layers = append(f.layers, []tar.Header{header("app/.wh..env", 0, 0o644, "")})
		f.by = append(f.by, "RUN rm .env")
		f.add(header("app/.env", 0, 0o644, "A=b"))
	}, map[string][]string{"S9": {"/app/.env is in layer 2 (COPY . .)"}}},
	{"secret variables", func(f *fake) {
		f.config["Env"] = []string{"PORT=8000", "API_KEY=abc", "EMPTY_TOKEN=", "GPG_KEY=7169605F", "TOKEN_FILE=/run/x", "DB=postgres://me:pass@db/x"}
		f.by[0] = "RUN |2 NPM_TOKEN=abc MODE=x /bin/sh -c npm ci # buildkit"
		f.by[1] = "RUN /bin/sh -c pip install -i https://u:$PASS@x && pip install -i https://me:pass@pypi.example/x"
		f.add(header("app/.env", 0, 0o644, ""))
	}, map[string][]string{"S9": {
		"/app/.env is in layer 2", "the value of variable API_KEY can be read in the image", "a URL with a password can be read in an environment variable",
		"the value of build argument NPM_TOKEN can be read in the image's history", "a URL with a password can be read in the image's history",
	}}},
	{"no default port", func(f *fake) { f.config["Env"] = []string{"A=b"}; f.config["ExposedPorts"] = nil },
		map[string][]string{"S10": {"PORT has no default: want ENV PORT=8000", "port 8000 is not exposed"}}},
	{"another port and a supervisor", func(f *fake) {
		f.config["Env"] = []string{"PORT=80"}
		f.config["Entrypoint"] = []string{"/usr/bin/supervisord"}
	}, map[string][]string{"S10": {"the default PORT is 80, want 8000", "/usr/bin/supervisord runs several processes"}}},
	{"waste", func(f *fake) {
		f.add(header("usr/bin/gcc-14", 0, 0o755, "x"), header("var/lib/apt/lists/deb.debian.org_debian_dists_trixie_InRelease", 0, 0o644, "x"),
			header("app/node_modules/eslint/package.json", 0, 0o644, "{}"), header("app/node_modules/express/node_modules/jest/package.json", 0, 0o644, "{}"),
			header("usr/bin/gcov", 0, 0o755, "x"), header("var/lib/apt/lists/lock", 0, 0o644, ""))
	}, map[string][]string{"S13": {
		"a compiler is in layer 2 (COPY . .): /usr/bin/gcc-14",
		"apt's lists is in layer 2 (COPY . .): /var/lib/apt/lists/deb.debian.org_debian_dists_trixie_InRelease",
		"a development dependency is in layer 2 (COPY . .): /app/node_modules/eslint/package.json",
	}}},
	{"PORT ignored", func(f *fake) { f.fault = "ignores PORT" }, map[string][]string{"L1": {"with PORT=18017 it listens on port 8000"}}},
	{"127.0.0.1", func(f *fake) { f.fault = "binds to 127.0.0.1" }, map[string][]string{"L1": {
		"with PORT=18017 the port does not answer from outside the container within 600ms" + started(1),
	}}},
	{"one port only", func(f *fake) { f.fault = "wants 18017" }, map[string][]string{"L1": {`with PORT=29043 it exits with status 3; its last output is "cannot start"`}}},
	{"it ends", func(f *fake) { f.fault = "ends at once" }, map[string][]string{"L1": {`with PORT=18017 it exits with status 3; its last output is "cannot start"`}}},
	{"no such program", func(f *fake) { f.fault = "no such program" },
		map[string][]string{"L1": {`cannot start a container: docker start: exec: "nodde": executable file not found`}}},
	{"another version", func(f *fake) { f.fault = "/__version__ answers 200 " + strings.Replace(versionText, "abc", "def", 1) },
		map[string][]string{
			"L2": {"GET /__version__ differs from version.json"},
			"L3": {"GET /__version__ without the file returns 200, want 404"},
		}},
	{"crash without version.json", func(f *fake) { f.fault = "crashes without version.json" },
		map[string][]string{"L3": {"GET /__version__ without the file returns 500, want 404"}}},
	{"death without version.json", func(f *fake) { f.fault = "dies without version.json" },
		map[string][]string{"L3": {`it does not start without version.json: with PORT=18017 it exits with status 3; its last output is "cannot start"`}}},
	{"lbheartbeat", func(f *fake) { f.fault = "/__lbheartbeat__ answers 500 {}" },
		map[string][]string{"L4": {"GET /__lbheartbeat__ returns 500, want 200"}}},
	{"heartbeat", func(f *fake) { f.fault = `/__heartbeat__ answers 404 {"status":"ok","checks":{},"details":{}}` },
		map[string][]string{"L5": {"GET /__heartbeat__: it returns 404, want 200 or 5xx"}}},
	{"no HEAD", func(f *fake) { f.fault = "no HEAD" }, map[string][]string{"L6": {
		"HEAD /__version__ returns 405, but GET returns 200", "HEAD /__heartbeat__ returns 405, but GET returns 200", "HEAD /__lbheartbeat__ returns 405, but GET returns 200",
	}}},
	{"a redirect", func(f *fake) { f.fault = "redirects" }, map[string][]string{"L7": {
		"GET /__version__ with [Host elsewhere.invalid X-Forwarded-Proto http X-Forwarded-Host other.invalid] returns 301, without it 200",
		"GET /__heartbeat__ with [Host elsewhere.invalid X-Forwarded-Proto http X-Forwarded-Host other.invalid] returns 301, without it 200",
		"GET /__lbheartbeat__ with [Host elsewhere.invalid X-Forwarded-Proto http X-Forwarded-Host other.invalid] returns 301, without it 200",
	}}},
	{"a print", func(f *fake) { f.fault = "prints" }, map[string][]string{"L8": {
		`with PORT=18017, line 1 of stdout: is not a JSON object: invalid character 'l' looking for beginning of value: "listening"`,
		`with PORT=29043, line 1 of stdout: is not a JSON object: invalid character 'l' looking for beginning of value: "listening"`,
	}}},
	{"a warning", func(f *fake) { f.fault = "warns on stderr" }, map[string][]string{"L8": {
		`with PORT=18017, line 1 of stderr: is not a JSON object: invalid character 'W' looking for beginning of value: "Warning: old"`,
		`with PORT=29043, line 1 of stderr: is not a JSON object: invalid character 'W' looking for beginning of value: "Warning: old"`,
	}}},
	{"no log", func(f *fake) { f.fault = "says nothing" },
		map[string][]string{"L8": {"it wrote nothing to stdout or stderr"}}},
	{"no statsd, no start", func(f *fake) { f.fault = "dies of statsd" }, map[string][]string{"L9": {
		`it does not start with a statsd server: with PORT=29043 it exits with status 3; its last output is "cannot start"`,
		`it does not start when nothing listens on STATSD_HOST: with PORT=18017 it exits with status 3; its last output is "cannot start"`,
	}}},
	{"nobody listens", func(f *fake) { f.fault = "dies where no statsd listens" }, map[string][]string{"L9": {
		`it does not start when nothing listens on STATSD_HOST: with PORT=18017 it exits with status 3; its last output is "cannot start"`,
	}}},
	{"garbled metrics", func(f *fake) { f.fault = "garbles metrics" }, map[string][]string{"L9": {`"requests=1" is not a statsd metric`}}},
	{"no stop", func(f *fake) { f.fault = "does not stop" }, map[string][]string{"L10": {
		"with PORT=18017 it still runs 50ms after SIGTERM and has to be killed", "with PORT=29043 it still runs 50ms after SIGTERM and has to be killed",
	}}},
	{"death by SIGTERM", func(f *fake) { f.fault = "dies of SIGTERM" }, map[string][]string{"L10": {
		"with PORT=18017 it exits with status 143 after SIGTERM, want 0", "with PORT=29043 it exits with status 143 after SIGTERM, want 0",
	}}},
	{"root", func(f *fake) { f.fault = "runs as root" }, map[string][]string{"L11": {`process "node server.js" runs as user 0 and group 0`}}},
	{"capabilities", func(f *fake) { f.fault = "wants capabilities" }, map[string][]string{"L11": {
		`it does not start without capabilities and with no-new-privileges: with PORT=18017 it exits with status 1; its last output is "operation not permitted"`,
	}}},
	{"any port", func(f *fake) { f.fault = "takes any port" }, map[string][]string{"L12": {"with PORT=not-a-port it listens on port 8000"}}},
	{"a bad port, and it stays", func(f *fake) { f.fault = "stays with a bad port" }, map[string][]string{"L12": nil}},
	{"a bad port, and all is well", func(f *fake) { f.fault = "ends well for a bad port" },
		map[string][]string{"L12": {"with PORT=not-a-port it exits with status 0, which means success"}}},
	{"a traceback", func(f *fake) { f.fault = "a traceback for a bad port" }, map[string][]string{"L12": {
		`with PORT=not-a-port it exits with status 1, but no mozlog line names PORT or its value; its last output is "ValueError: 'not-a-port'"`,
	}}},
}

// started is the tail of a log, whose times differ.
func started(int) string { return "; its last output is …" }

// withoutLogs cuts from a finding what the service said, where that is mozlog with its times.
func withoutLogs(all map[string][]string) map[string][]string {
	for rule := range all {
		for n, text := range all[rule] {
			if before, _, ok := strings.Cut(text, `; its last output is "{`); ok {
				all[rule][n] = before + "; its last output is …"
			}
		}
	}
	return all
}

func TestEachFaultIsFoundByItsRuleAlone(t *testing.T) {
	t.Parallel()
	for _, c := range broken {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			c.change(f)
			var o Options
			if c.name == "127.0.0.1" {
				o.Patience = 600 * time.Millisecond // nothing ever answers
			}
			results, err := f.check(o)
			if err != nil {
				t.Fatal(err)
			}
			got := withoutLogs(failures(results))
			if _, times := c.want["L12"]; times && c.want["L12"] == nil { // how long it waited depends on the start
				if len(got["L12"]) != 1 || !strings.HasPrefix(got["L12"][0], "with PORT=not-a-port it still runs after ") {
					t.Errorf("L12: %v", got["L12"])
				}
				delete(got, "L12")
				c.want = map[string][]string{}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoRuleIsWithoutFault(t *testing.T) {
	t.Parallel()
	for _, r := range contract.Rules {
		found := undecided[r.ID]
		for _, c := range broken {
			_, ok := c.want[r.ID]
			found = found || ok
		}
		if !found {
			t.Errorf("no fault breaks %s", r.ID)
		}
	}
}

// An undecidable rule must neither pass nor fail.
func TestWhatIsNotSeenIsNotChecked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*fake)
		want   map[string]string
	}{
		{"no start", func(f *fake) { f.fault = "ends at once" }, map[string]string{
			"L2": "not checkable it does not start: see L1", "L12": "not checkable it does not start: see L1",
			"S8": "not checkable the app user cannot write to files in /app, but whether the service works with a read-only root is unknown: it does not start",
		}},
		{"PORT ignored", func(f *fake) { f.fault = "ignores PORT" }, map[string]string{
			"L12": "not checkable it does not listen on $PORT: see L1", "L2": "pass",
		}},
		{"no version.json", func(f *fake) { f.layers[1] = f.layers[1][:2]; f.fault = "/__version__ answers 404 {}" }, map[string]string{
			"L2": "not checkable it has no version.json", "L3": "pass",
		}},
		{"a copy of the version", func(f *fake) { f.fault = "holds a copy" }, map[string]string{
			"L3": "not checkable it returns the same content without the file, so it has a copy elsewhere",
		}},
		{"no metrics", func(f *fake) { f.fault = "no metrics" }, map[string]string{"L9": "not checkable"}},
		{"an engine without cp", func(f *fake) { f.refuse["cp"] = "unknown command" }, map[string]string{
			"L3": "not checkable the engine cannot remove /app/version.json from a container",
		}},
		{"an engine without top", func(f *fake) { f.refuse["top"] = "no ps on this machine" }, map[string]string{
			"L11": "not checkable cannot list the container's processes: docker top: no ps on this machine",
		}},
		{"an engine without logs", func(f *fake) { f.refuse["logs"] = "the log driver does not read" }, map[string]string{
			"L8":  "not checkable cannot read the container's output: docker logs: exit status 1",
			"L12": "not checkable cannot read the container's output: docker logs: exit status 1",
		}},
		{"an engine without limits", func(f *fake) { f.refuse["--memory"] = "no such cgroup" }, map[string]string{"L1": "pass", "S8": "pass", "L11": "pass one process"}},
		{"too little memory", func(f *fake) { f.fault = "wants limits to be off" }, map[string]string{"L1": "pass", "S8": "pass", "L11": "pass one process"}},
		{"an engine that starts nothing", func(f *fake) { f.refuse["start"] = "error setting rlimits: operation not permitted" }, map[string]string{
			"L1": "not checkable cannot start a container: docker start: error setting rlimits: operation not permitted",
			"L7": "not checkable cannot start a container: docker start: error setting rlimits: operation not permitted",
		}},
		{"an engine without read-only roots", func(f *fake) { f.refuse["--read-only"] = "no such option" }, map[string]string{
			"S8": "not checkable the app user cannot write to files in /app, but the engine cannot run a container with a read-only root: " +
				"cannot start a container: docker create: no such option", "L11": "pass one process",
		}},
		{"an engine without capabilities", func(f *fake) { f.refuse["--cap-drop"] = "no such option" }, map[string]string{
			"L11": "not checkable the engine cannot run a container without capabilities: cannot start a container: docker create: no such option", "L1": "pass",
		}},
		{"another platform", func(f *fake) { f.fault = "another platform" }, map[string]string{
			"L1": "not checkable the image is for another platform than the engine's",
		}},
		{"zstd", func(f *fake) { f.form = "zstd" }, map[string]string{
			"S1": "not checkable a layer uses zstd compression, which is not supported", "S2": "not checkable a layer uses zstd compression, which is not supported",
			"S5": "not checkable a layer uses zstd compression, which is not supported", "S8": "not checkable a layer uses zstd compression, which is not supported",
			"S9": "not checkable a layer uses zstd compression, which is not supported", "S3": "pass", "L1": "pass",
		}},
		{"links", func(f *fake) {
			f.layers[1] = []tar.Header{{Name: "app", Typeflag: tar.TypeSymlink, Linkname: "srv"}}
			f.layers[0][1] = tar.Header{Name: "etc/passwd", Typeflag: tar.TypeSymlink, Linkname: "/usr/lib/passwd"}
		}, map[string]string{
			"S1": "not checkable /app is no folder, but leads to srv", "S2": "not checkable /etc/passwd is a link to /usr/lib/passwd",
			"S5": "not checkable /app is no folder, but leads to srv", "S8": "not checkable /app is no folder, but leads to srv",
		}},
		{"another home", func(f *fake) { f.config["WorkingDir"] = "/srv" }, map[string]string{
			"S1": "not checkable /app contains files, but the working directory is /srv: cannot tell whether they are the application",
		}},
		{"capabilities", func(f *fake) { f.fault = "wants capabilities" }, map[string]string{
			"S8": "not checkable the app user cannot write to files in /app, but whether the service works with a read-only root is unknown: see L11",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			c.change(f)
			results, err := f.check(Options{})
			if err != nil {
				t.Fatal(err)
			}
			for rule, want := range c.want {
				if got := status(results, rule); got != want && !(want == "not checkable" && strings.HasPrefix(got, want)) && !(want == "pass" && strings.HasPrefix(got, want)) {
					t.Errorf("%s: %s, want %s: %v", rule, got, want, failures(results)[rule])
				}
			}
		})
	}
}

// Valid behaviour of other images.
func TestOtherStylesPass(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*fake){
		"numbers for USER": func(f *fake) { f.config["User"] = "10001:10001" },
		"a member by list": func(f *fake) {
			f.replace("etc/passwd", 0, "app:x:10001:100::/:\n")
			f.replace("etc/group", 0, "app:x:10001:a,app\n")
		},
		"a folder within /app": func(f *fake) { f.config["WorkingDir"] = "/app/src" },
		"no WORKDIR": func(f *fake) {
			f.config["WorkingDir"] = ""
			f.config["Entrypoint"] = []string{"/app/service"}
		},
		"a shell that gives way": func(f *fake) { f.config["Cmd"] = []string{"sh", "-c", "cd /app && exec node server.js"} },
		"a script":               func(f *fake) { f.config["Entrypoint"] = []string{"/bin/sh", "/app/start.sh"} },
		"a link to version.json": func(f *fake) {
			f.layers[1] = f.layers[1][:2]
			f.add(header("version.json", 0, 0o644, versionText), tar.Header{Name: "app/version.json", Typeflag: tar.TypeSymlink, Linkname: "../version.json"})
		},
		"a venv called .env": func(f *fake) { f.add(header("app/.env/", 0, 0o755, ""), header("app/.env/bin/python", 0, 0o755, "x")) },
		"more in version.json": func(f *fake) {
			text := strings.Replace(versionText, "{", `{"more":1,`, 1)
			f.replace("app/version.json", 0, text)
			f.fault = "/__version__ answers 200 " + text
		},
		"files replaced by a later layer": func(f *fake) {
			f.layers = append(f.layers, []tar.Header{header("app/.wh..wh..opq", 0, 0o644, ""), header("app/server.js", 0, 0o644, "x"), header("app/version.json", 0, 0o644, versionText)})
			f.by = append(f.by, "RUN chown")
			f.add(header("app/tmp/", 10001, 0o777, ""), header("app/tmp/x", 10001, 0o666, "x"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			change(f)
			results, err := f.check(Options{})
			if err != nil {
				t.Fatal(err)
			}
			got := failures(results)
			if name == "more in version.json" {
				delete(got, "L3") // the fake answers it always
			}
			if len(got) > 0 {
				t.Errorf("%v", got)
			}
		})
	}
}

func TestRequestInFlight(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]string{
		"":                        "pass",
		"drops what is in flight": "fail",
		"/slow answers 200 {}":    "pass",
	} {
		f := newFake(t)
		f.fault = fault
		results, err := f.check(Options{Slow: "/slow"})
		if got := status(results, "L10"); err != nil || got != want {
			t.Errorf("%q: %s %v %v", fault, got, failures(results), err)
		}
	}
	f := newFake(t)
	results, err := f.check(Options{Slow: "/__version__"})
	if got := status(results, "L10"); err != nil || got != "pass /__version__ answers too quickly to be in flight at the stop" {
		t.Error(got, err)
	}
}

// Podman lists processes by user names, whose ids are in the image.
func TestPodman(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]string{"": "pass one process", "runs as root": "fail"} {
		f := newFake(t)
		f.fault = fault
		results, err := Check(t.Context(), &Engine{Name: "podman", podman: true, run: f.run}, "hello", Options{Patience: time.Second, pace: testPace})
		if got := status(results, "L11"); err != nil || got != want {
			t.Errorf("%q: %s %v %v", fault, got, failures(results), err)
		}
		if got := status(results, "L1"); !strings.HasPrefix(got, "pass rootless Podman") {
			t.Errorf("L1: %s", got)
		}
	}
}

func TestFindingsAreBounded(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for n := range 25 {
		f.add(header(fmt.Sprintf("app/%02d.js", n), 10001, 0o644, "x"))
	}
	results, err := f.check(Options{})
	if got := failures(results)["S8"]; err != nil || len(got) != 11 || got[10] != "and 15 more" {
		t.Errorf("%v %v", got, err)
	}
}

func TestVariablesReachTheService(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.fault = "wants a database"
	results, err := f.check(Options{Env: []string{"DATABASE_URL=postgres://db"}})
	if got := failures(results); err != nil || len(got) > 0 {
		t.Error(got, err)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, ref    string
		o            Options
		refuse       map[string]string
		text, hinted string
	}{
		{"no such image", "hello", Options{}, map[string]string{"image": "Error: No such image: hello"}, "docker has no image hello", "docker pull hello"},
		{"podman's words", "hello", Options{}, map[string]string{"image": "Error: hello: image not known"}, "docker has no image hello", "docker build --tag hello"},
		{"no engine", "hello", Options{}, map[string]string{"image": "Cannot connect to the Docker daemon"}, "docker image: Cannot connect to the Docker daemon", "docker info"},
		{"an option", "--help", Options{}, nil, `image "--help": want a name or an id`, "docker images"},
		{"no value", "hello", Options{Env: []string{"NOT_SET_ANYWHERE"}}, nil, "variable NOT_SET_ANYWHERE: it is not set here", "NOT_SET_ANYWHERE=VALUE"},
		{"no name", "hello", Options{Env: []string{"=hunter22"}}, nil, `variable "": want NAME=VALUE`, "DATABASE_URL"},
		{"a comment", "hello", Options{Env: []string{"#A=hunter22"}}, nil, `variable "#A": want NAME=VALUE`, "DATABASE_URL"},
		{"a name of two lines", "hello", Options{Env: []string{"A\nPATH=hunter22"}}, nil, `variable "A\nPATH": want NAME=VALUE`, "DATABASE_URL"},
		{"a value of two lines", "hello", Options{Env: []string{"A=hunter22\nb"}}, nil, "variable A: want one line of UTF-8 text of at most 60000 bytes", "give --env A"},
		{"PORT", "hello", Options{Env: []string{"PORT=1"}}, nil, "variable PORT: the check sets it itself", "leave it out"},
		{"a path", "hello", Options{Slow: "slow"}, nil, `path "slow": it must begin with a slash`, "/slow"},
		{"no save", "hello", Options{}, map[string]string{"save": "no space left"}, "hello could not be read: docker save: no space left", ""},
		{"containers left", "hello", Options{}, map[string]string{"ps": "gone"}, "containers may be left: docker ps: gone", "docker rm --force"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.refuse = c.refuse
			results, err := Check(t.Context(), f.engine(), c.ref, c.o)
			var failure *Failure
			if err == nil || err.Error() != c.text || results != nil {
				t.Fatalf("%v: %v", results, err)
			}
			if errors.As(err, &failure) && !strings.Contains(failure.Hint, c.hinted) || failure == nil && c.hinted != "" {
				t.Errorf("the hint is %+v", failure)
			}
		})
	}
}

// An interrupt at any command of the engine leaves no container, and is reported as an interrupt.
func TestInterruptLeavesNothing(t *testing.T) {
	t.Parallel()
	for at := 1; ; at++ {
		f := newFake(t)
		e := f.engine()
		ctx, cancel := context.WithCancel(t.Context())
		inner, n := e.run, 0
		e.run = func(of context.Context, c call) error {
			if n++; n == at {
				cancel()
				if c.args[0] == "create" && of.Err() != nil {
					t.Error("a container may be made whose id gets lost")
				}
			}
			return inner(of, c)
		}
		_, err := Check(ctx, e, "hello", Options{Patience: time.Second, pace: testPace})
		cancel()
		if len(f.containers) > 0 {
			t.Errorf("interrupted at command %d: %d containers are left", at, len(f.containers))
		}
		if n < at {
			if at < 20 {
				t.Errorf("only %d commands", n)
			}
			return
		}
		if !errors.Is(err, context.Canceled) && !strings.HasPrefix(fmt.Sprint(err), "hello could not be read: context canceled") && n != at {
			t.Errorf("interrupted at command %d of %d: %v", at, n, err)
		}
	}
}

func TestPanicLeavesNothing(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		_, _ = Check(t.Context(), f.engine(), "hello", Options{pace: testPace, Progress: func(what string) {
			if what == "stopping it" {
				panic(what)
			}
		}})
	}()
	if len(f.containers) > 0 {
		t.Errorf("%d containers are left", len(f.containers))
	}
}
