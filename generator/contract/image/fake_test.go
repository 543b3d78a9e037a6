package image

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// fake is an engine with one image. What runs in its containers is a server of the test, which keeps the contract but
// for what it is told to break.
type fake struct {
	t      *testing.T
	config map[string]any
	layers [][]tar.Header
	by     []string // the steps of the layers
	form   string   // of the archive: oci, gzip, docker, zstd
	fault  string
	refuse map[string]string // what the engine says to a command, or an option of create, that it does not know

	mu         sync.Mutex
	containers map[string]*fakeContainer
	all        []*fakeContainer
}

// fakeContainer is a process with servers for its ports.
type fakeContainer struct {
	f         *fake
	args      []string
	env       map[string]string
	ports     []int
	addresses map[int]string
	hidden    bool // its version.json
	running   bool
	code      int
	out, errs bytes.Buffer
	ends      []func()
	mu        sync.Mutex
}

const versionText = `{"source":"https://github.com/example/hello","version":"","commit":"abc","build":""}`

// header is a file of the fake image. Its content stands in PAXRecords["text"].
func header(name string, uid int, mode int64, content string) tar.Header {
	kind := byte(tar.TypeReg)
	if strings.HasSuffix(name, "/") {
		kind = tar.TypeDir
	}
	return tar.Header{Name: name, Uid: uid, Gid: uid, Mode: mode, Size: int64(len(content)), Typeflag: kind, Linkname: content}
}

func newFake(t *testing.T) *fake {
	t.Helper()
	return &fake{
		t: t, form: "oci", containers: map[string]*fakeContainer{}, refuse: map[string]string{},
		config: map[string]any{
			"User": "app", "WorkingDir": "/app", "Env": []string{"PATH=/bin", "PORT=8000"}, "Entrypoint": []string{"node"},
			"Cmd": []string{"server.js"}, "ExposedPorts": map[string]any{"8000/tcp": map[string]any{}},
		},
		by: []string{"RUN /bin/sh -c useradd app # buildkit", "COPY . . # buildkit"},
		layers: [][]tar.Header{
			{header("etc/", 0, 0o755, ""), header("etc/passwd", 0, 0o644, "root:x:0:0::/root:\napp:x:10001:10001::/app:\n"), header("etc/group", 0, 0o644, "root:x:0:\napp:x:10001:\n")},
			{header("app/", 0, 0o755, ""), header("app/server.js", 0, 0o644, "serve()"), header("app/version.json", 0, 0o644, versionText)},
		},
	}
}

func (f *fake) engine() *Engine { return &Engine{Name: "docker", run: f.run} }

// replace puts another file into the place of one that the image has.
func (f *fake) replace(name string, uid int, content string) {
	for n := range f.layers {
		for k := range f.layers[n] {
			if f.layers[n][k].Name == name {
				f.layers[n][k] = header(name, uid, 0o644, content)
				return
			}
		}
	}
	f.t.Fatalf("no %s", name)
}

func (f *fake) add(h ...tar.Header) { f.layers[1] = append(f.layers[1], h...) }

var errExit = errors.New("exit status 1")

func (f *fake) run(ctx context.Context, c call) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	last := c.args[len(c.args)-1]
	for word, said := range f.refuse {
		if c.args[0] == word || c.args[0] == "create" && slices.Contains(c.args, word) {
			fmt.Fprintln(c.errs, said)
			return errExit
		}
	}
	switch c.args[0] {
	case "image":
		fmt.Fprintln(c.out, "sha256:1")
	case "info":
		fmt.Fprintln(c.out, `["name=seccomp"]`)
	case "save":
		return f.save(c.out)
	case "create":
		fmt.Fprintln(c.out, f.create(c))
	case "ps":
		f.mu.Lock()
		defer f.mu.Unlock()
		for id, p := range f.containers {
			if slices.Contains(p.args, strings.TrimPrefix(last, "label=")) {
				fmt.Fprintln(c.out, id)
			}
		}
	case "rm":
		for _, id := range c.args[3:] {
			f.get(id).end()
			f.mu.Lock()
			delete(f.containers, id)
			f.mu.Unlock()
		}
	default:
		return f.onContainer(c)
	}
	return nil
}

func (f *fake) get(id string) *fakeContainer {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.containers[id]
	if p == nil {
		f.t.Errorf("no container %q", id)
		return &fakeContainer{f: f}
	}
	return p
}

func (f *fake) onContainer(c call) error {
	p := f.get(c.args[slices.IndexFunc(c.args, func(w string) bool {
		w, _, _ = strings.Cut(w, ":")
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.containers[w] != nil
	})][:2])
	switch c.args[0] {
	case "cp":
		h, err := tar.NewReader(c.in).Next()
		if err != nil || h.Name != "version.json" || h.Typeflag != tar.TypeSymlink || slices.Contains(p.args, "--read-only") {
			return errExit
		}
		p.hidden = true
	case "start":
		return p.start(c.errs)
	case "port":
		for port, at := range p.addresses {
			fmt.Fprintf(c.out, "%d/tcp -> %s\n%d/tcp -> [::1]:1\n", port, at, port)
		}
	case "container":
		p.mu.Lock()
		defer p.mu.Unlock()
		switch {
		case strings.Contains(strings.Join(c.args, " "), "Gateway"):
			fmt.Fprintln(c.out, "127.0.0.1 127.0.0.1")
		default:
			fmt.Fprintln(c.out, p.running, false, p.code)
		}
	case "top":
		who := "10001 10001 10001 10001"
		if f.fault == "runs as root" {
			who = "0 0 0 0"
		}
		if c.args[2] == "pid" { // podman names them
			who = strings.NewReplacer("10001", "app", "0 ", "root ").Replace(who)
		}
		fmt.Fprintf(c.out, "PID RUID EUID RGID EGID COMMAND\n12 %s node server.js\n", who)
	case "stop":
		p.stop()
	case "logs":
		p.mu.Lock()
		defer p.mu.Unlock()
		_, _ = c.out.Write(p.out.Bytes())
		_, _ = c.errs.Write(p.errs.Bytes())
	default:
		f.t.Errorf("the engine is asked to %v", c.args)
	}
	return nil
}

// create makes a container, whose ids have two characters.
func (f *fake) create(c call) string {
	args := c.args
	p := &fakeContainer{f: f, args: args, env: map[string]string{}, addresses: map[int]string{}}
	for n, w := range args {
		switch w {
		case "--env":
			name, value, ok := strings.Cut(args[n+1], "=")
			if !ok {
				value = os.Getenv(name)
			}
			p.env[name] = value
		case "--env-file":
			text, err := io.ReadAll(c.in)
			if err != nil || args[n+1] != "/dev/stdin" {
				f.t.Errorf("--env-file %s: %v", args[n+1], err)
			}
			for line := range strings.Lines(string(text)) {
				name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
				p.env[name] = value
			}
		case "--publish":
			port, err := strconv.Atoi(strings.TrimPrefix(args[n+1], "127.0.0.1::"))
			if err != nil || !strings.HasPrefix(args[n+1], "127.0.0.1::") {
				f.t.Errorf("--publish %s: not on this machine alone", args[n+1])
			}
			p.ports = append(p.ports, port)
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	id := fmt.Sprintf("c%d", len(f.all))
	f.containers[id] = p
	f.all = append(f.all, p)
	return id
}

func (p *fakeContainer) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, end := range p.ends {
		end()
	}
	p.ends, p.running = nil, false
}

// line is one of mozlog.
func (p *fakeContainer) line(kind string, fields map[string]any) {
	text, _ := json.Marshal(map[string]any{
		"Timestamp": time.Now().UnixNano(), "Type": kind, "Logger": "hello", "Hostname": "h", "EnvVersion": "2.0", "Severity": 6, "Pid": 1, "Fields": fields,
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(&p.out, "%s\n", text)
}

func (p *fakeContainer) exits(code int, says string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.code = code
	p.errs.WriteString(says)
	return nil
}

func (p *fakeContainer) start(errs io.Writer) error {
	fault := p.f.fault
	port, err := strconv.Atoi(p.env["PORT"])
	has := func(flag string) bool { return slices.Contains(p.args, flag) }
	switch {
	case fault == "no such program":
		fmt.Fprintln(errs, `exec: "nodde": executable file not found`)
		return errExit
	case fault == "tells what it was given":
		return p.exits(3, "no database at "+p.env["DATABASE_URL"])
	case fault == "another platform":
		return p.exits(255, "exec /bin/node: exec format error")
	case fault == "ends at once", fault == "wants a database" && p.env["DATABASE_URL"] == "",
		fault == "wants limits to be off" && has("--memory"),
		fault == "wants statsd" && p.env["STATSD_HOST"] == "", fault == "dies of statsd" && p.env["STATSD_HOST"] != "",
		fault == "dies where no statsd listens" && p.env["STATSD_PORT"] == "8125",
		fault == "dies without version.json" && p.hidden, fault == "wants 18017" && port != 18017 && err == nil:
		return p.exits(3, "cannot start")
	case fault == "writes to its root" && has("--read-only"):
		return p.exits(1, "read-only file system")
	case fault == "wants capabilities" && has("--cap-drop"):
		return p.exits(1, "operation not permitted")
	case err != nil && fault == "ends well for a bad port":
		return p.exits(0, "bye")
	case err != nil && fault == "a traceback for a bad port":
		return p.exits(1, "ValueError: 'not-a-port'\n")
	case err != nil && fault == "takes any port":
		port = 8000
	case err != nil && fault == "stays with a bad port":
		port = 1
	case err != nil:
		p.line("app.config", map[string]any{"error": "PORT: not-a-port is no port"})
		return p.exits(1, "")
	case fault == "ignores PORT":
		port = 8000
	case fault == "binds to 127.0.0.1":
		port = 1
	}
	p.running = true
	p.serve(port)
	return nil
}

// serve has a server on one of the ports; the others take connections and drop them, as an engine's proxy does.
func (p *fakeContainer) serve(port int) {
	for _, other := range p.ports {
		if other == port {
			server := httptest.NewServer(http.HandlerFunc(p.answer))
			p.addresses[other], p.ends = strings.TrimPrefix(server.URL, "http://"), append(p.ends, server.Close)
			continue
		}
		l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it does not wait
		if err != nil {
			p.f.t.Error(err)
			return
		}
		go func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				conn.Close()
			}
		}()
		p.addresses[other], p.ends = l.Addr().String(), append(p.ends, func() { l.Close() })
	}
	switch p.f.fault {
	case "says nothing":
	case "prints":
		p.out.WriteString("listening\n")
		fallthrough
	default:
		p.line("app.start", map[string]any{"port": port})
	}
	if p.f.fault == "warns on stderr" {
		p.errs.WriteString("Warning: old\n")
	}
}

func (p *fakeContainer) answer(w http.ResponseWriter, r *http.Request) {
	fault := p.f.fault
	code, body := http.StatusOK, `{"status":"ok"}`
	switch r.URL.Path {
	case "/__version__":
		if body = versionText; p.hidden && fault != "holds a copy" {
			code, body = http.StatusNotFound, `{"error":"none"}`
		}
	case "/__heartbeat__":
		body = `{"status":"ok","checks":{},"details":{}}`
	case "/__lbheartbeat__":
	case "/slow":
		time.Sleep(400 * time.Millisecond) //nolint:forbidigo // this is what it is for
		if fault == "drops what is in flight" {
			panic(http.ErrAbortHandler)
		}
	default:
		code = http.StatusNotFound
	}
	if path, wrong, ok := strings.Cut(fault, " answers "); ok && path == r.URL.Path {
		_, _ = fmt.Sscanf(wrong, "%d", &code)
		_, body, _ = strings.Cut(wrong, " ")
	}
	switch {
	case fault == "crashes without version.json" && p.hidden && r.URL.Path == "/__version__":
		code = http.StatusInternalServerError
	case fault == "no HEAD" && r.Method == http.MethodHead:
		code = http.StatusMethodNotAllowed
	case fault == "redirects" && r.Header.Get("X-Forwarded-Proto") == "http":
		code = http.StatusMovedPermanently
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(body))
	p.metric()
}

func (p *fakeContainer) metric() {
	port := p.env["STATSD_PORT"]
	if p.env["STATSD_HOST"] == "" || p.f.fault == "no metrics" || port == "8125" {
		return
	}
	conn, err := net.Dial("udp", net.JoinHostPort(p.env["STATSD_HOST"], port)) //nolint:noctx // it does not wait
	if err != nil {
		return
	}
	defer conn.Close()
	text := "hello.requests:1|c"
	if p.f.fault == "garbles metrics" {
		text = "requests=1"
	}
	_, _ = conn.Write([]byte(text))
}

func (p *fakeContainer) stop() {
	fault := p.f.fault
	if fault == "does not stop" {
		time.Sleep(p.f.grace()) //nolint:forbidigo // this is what it is for
	} else if fault != "says nothing" {
		p.line("app.stop", map[string]any{"reason": "SIGTERM"})
	}
	p.end()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.code = map[string]int{"does not stop": 137, "dies of SIGTERM": 143}[fault]
}

func (f *fake) grace() time.Duration { return testPace.grace + 10*time.Millisecond }

var testPace = pace{settle: 100 * time.Millisecond, refuse: 700 * time.Millisecond, grace: 50 * time.Millisecond}

// save writes the archive as an engine does.
func (f *fake) save(out io.Writer) error {
	w := tar.NewWriter(out)
	var names, ids []string
	put := func(name string, data []byte) {
		_ = w.WriteHeader(&tar.Header{Name: name, Mode: 0o444, Size: int64(len(data)), Typeflag: tar.TypeReg})
		_, _ = w.Write(data)
	}
	var history []map[string]any
	for n, files := range f.layers {
		data := layerOf(files)
		name := fmt.Sprintf("blobs/sha256/%d", n)
		switch f.form {
		case "gzip":
			var b bytes.Buffer
			z := gzip.NewWriter(&b)
			_, _ = z.Write(data)
			_ = z.Close()
			data = b.Bytes()
		case "zstd":
			data = append([]byte{0x28, 0xb5, 0x2f, 0xfd}, data...)
		case "docker":
			name = fmt.Sprintf("%d.tar", n)
			_ = w.WriteHeader(&tar.Header{Name: fmt.Sprintf("%d/layer.tar", n), Linkname: "../" + name, Typeflag: tar.TypeSymlink})
		}
		put(name, data)
		if f.form == "docker" {
			name = fmt.Sprintf("%d/layer.tar", n)
		}
		names, ids = append(names, name), append(ids, fmt.Sprintf("sha256:%d", n))
		history = append(history, map[string]any{"created_by": "ENV A=b", "empty_layer": true}, map[string]any{"created_by": f.by[n]})
	}
	config, _ := json.Marshal(map[string]any{"config": f.config, "history": history, "rootfs": map[string]any{"diff_ids": ids}})
	put("config.json", config)
	manifest, _ := json.Marshal([]map[string]any{{"Config": "missing.json", "Layers": []string{"x"}}, {"Config": "config.json", "Layers": names}})
	put("manifest.json", manifest)
	return w.Close()
}

func layerOf(files []tar.Header) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range files {
		content := h.Linkname
		if h.Typeflag != tar.TypeSymlink && h.Typeflag != tar.TypeLink {
			h.Linkname = ""
		}
		if w.WriteHeader(&h) == nil && h.Typeflag == tar.TypeReg {
			_, _ = io.WriteString(w, content)
		}
	}
	_ = w.Close()
	return b.Bytes()
}
