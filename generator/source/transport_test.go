package source

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	gitcommand "dockerflow/generator/git"
)

// requests are the paths that a server was asked for, and the logins that it received.
type requests struct {
	sync.Mutex
	paths, logins []string
}

func (s *requests) note(_ http.ResponseWriter, r *http.Request) bool {
	s.Lock()
	defer s.Unlock()
	s.paths = append(s.paths, r.URL.Path)
	if login := r.Header.Get("Authorization"); login != "" {
		s.logins = append(s.logins, login)
	}
	return false
}

func (s *requests) has(part string) bool {
	s.Lock()
	defer s.Unlock()
	return strings.Contains(strings.Join(s.paths, " "), part)
}

// asking requires a login for every request.
func (s *requests) asking(user, password string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, r *http.Request) bool {
		s.note(w, r)
		u, p, ok := r.BasicAuth()
		if ok && u == user && p == password {
			return false
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="x"`)
		http.Error(w, "no", http.StatusUnauthorized)
		return true
	}
}

// plainGit runs git as the user would.
func plainGit(t *testing.T, g git, args ...string) *exec.Cmd {
	t.Helper()
	c := exec.CommandContext(t.Context(), "git", args...)
	for _, kv := range g.environ {
		if !strings.HasPrefix(kv, "GIT_") || strings.HasPrefix(kv, "GIT_CONFIG_") {
			c.Env = append(c.Env, kv)
		}
	}
	return c
}

// The user's configuration may rewrite a URL, but not to another protocol.
func TestRewrittenURLs(t *testing.T) {
	t.Parallel()
	o := serve(t, small)
	dir := t.TempDir()
	bare := filepath.Join(dir, "bare.git")
	run(t, "", "clone", "--quiet", "--bare", o.dir, bare)
	for _, test := range []struct{ name, to string }{
		{"file", "file://" + bare},
		{"path", bare},
		{"ext", "ext::" + canary(t, dir, "ext") + " "},
		{"git", "git://127.0.0.1:1/"},
		{"ftp", "ftp://127.0.0.1:1/"},
	} {
		g := by(t, fmt.Sprintf("[url %q]\n\tinsteadOf = http://127.0.0.1/x\n[protocol]\n\tallow = always\n", test.to))
		_, err := g.open(t.Context(), parse(t, "http://127.0.0.1/x"))
		fails(t, test.name, err, "protocol that is not allowed")
		if got := ran(t, dir); len(got) > 0 {
			t.Errorf("%s: %v ran", test.name, got)
		}
		if test.name == "file" || test.name == "path" || test.name == "ext" { // the same with plain git
			if out, _ := plainGit(t, g, "ls-remote", "http://127.0.0.1/x").CombinedOutput(); strings.Contains(string(out), "not allowed") {
				t.Errorf("%s: plain git said %s", test.name, out)
			}
			for _, name := range ran(t, dir) {
				os.Remove(filepath.Join(dir, "ran-"+name))
			}
		}
	}
	g := by(t, fmt.Sprintf("[url %q]\n\tinsteadOf = http://127.0.0.1/x\n", o.url))
	found, err := g.open(t.Context(), parse(t, "http://127.0.0.1/x"))
	if err != nil {
		t.Fatal(err)
	}
	holds(t, found, keptOf(small))
}

func answer(code int, text string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Location", text)
		w.WriteHeader(code)
		fmt.Fprint(w, text)
		return true
	}
}

func TestHostileServers(t *testing.T) {
	t.Parallel()
	o := serve(t, small)
	file := "file://" + o.dir
	samples := []struct {
		name  string
		first func(http.ResponseWriter, *http.Request) bool
		want  string
	}{
		{"redirected to a file", answer(http.StatusFound, file), "could not be reached"},
		{"redirected to ftp", answer(http.StatusFound, "ftp://127.0.0.1:1/x"), "could not be reached"},
		{"redirected to gopher", answer(http.StatusFound, "gopher://127.0.0.1:1/x"), "could not be reached"},
		{"page instead of a repository", answer(http.StatusOK, "<html>hello</html>"), "or this is not a repository"},
		{"nothing", answer(http.StatusOK, ""), "or this is not a repository"},
		{"not found", answer(http.StatusNotFound, "no"), "no such repository"},
		{"forbidden", answer(http.StatusForbidden, "no"), "could not log in"},
		{"asks for a login", answer(http.StatusUnauthorized, "no"), "could not log in"},
		{"broken", answer(http.StatusInternalServerError, "no"), "could not be reached"},
		{"escape sequences", func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Content-Type", "application/x-git-upload-pack-advertisement")
			said := "ERR \x1b[2J\x1b]0;owned\x07\u202eevil\n"
			fmt.Fprintf(w, "001e# service=git-upload-pack\n0000%04x%s0000", len(said)+4, said)
			return true
		}, "evil"},
	}
	for _, test := range samples {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { test.first(w, r) }))
		t.Cleanup(server.Close)
		_, err := disk(t.TempDir()).Open(t.Context(), parse(t, server.URL+"/team"))
		fails(t, test.name, err, test.want)
	}
	closed := httptest.NewServer(nil)
	closed.Close()
	_, err := disk(t.TempDir()).Open(t.Context(), parse(t, closed.URL+"/team"))
	fails(t, "nobody there", err, "could not be reached")
	t.Logf("%d samples", len(samples)+1)
}

// A server that does not answer is abandoned, and everything started for it is ended.
func TestEndlessServers(t *testing.T) {
	t.Parallel()
	o := serve(t, small)
	left := make(chan struct{}, 10)
	hanging := make(chan struct{}, 10)
	hang := func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost {
			return false
		}
		if err := http.NewResponseController(w).Flush(); err != nil {
			t.Error(err)
		}
		hanging <- struct{}{}
		<-r.Context().Done()
		left <- struct{}{}
		return true
	}
	o.first = hang
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-hanging; cancel() }()
	_, err := disk(t.TempDir()).Open(ctx, parse(t, o.url))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: got %v", err)
	}
	<-left

	g := disk(t.TempDir()).git()
	g.patience = 500 * time.Millisecond
	_, err = g.open(t.Context(), parse(t, o.url))
	fails(t, "slow", err, "git took longer than 500ms")
}

// noise returns a text that cannot be compressed.
func noise(n int) string {
	text := make([]byte, n)
	state := uint32(n)
	for i := range text {
		state = state*1664525 + 1013904223
		text[i] = byte(state >> 24)
	}
	return string(text)
}

func TestTooMuch(t *testing.T) {
	t.Parallel()
	files := map[string]string{"template.yaml": "about: a\n", "files/a": "a"}
	for i := range 4 {
		files[fmt.Sprint("noise", i)] = noise(1<<20 + i)
	}
	o := serve(t, files)
	g := disk(t.TempDir()).git()
	g.most = 2 << 20
	_, err := g.open(t.Context(), parse(t, o.url))
	fails(t, "more than may be fetched", err, "at most 2 MiB")
	if kept := size(g.cache); kept > 1<<20 {
		t.Errorf("%d bytes are left in the cache", kept)
	}
	g.most = 16 << 20
	if _, err := g.open(t.Context(), parse(t, o.url)); err != nil {
		t.Error(err)
	}
}

// stuck is a response that stops after some bytes and does not end.
type stuck struct {
	http.ResponseWriter
	r    *http.Request
	left int
}

func (s *stuck) Write(p []byte) (int, error) {
	if s.left -= len(p); s.left < 0 {
		<-s.r.Context().Done()
		return 0, io.ErrClosedPipe
	}
	return s.ResponseWriter.Write(p)
}

// A fetch that exceeds a limit is ended while it runs, and not only afterwards.
func TestTooMuchSoFar(t *testing.T) {
	t.Parallel()
	files := map[string]string{"template.yaml": "about: a\n"}
	for i := range 6 {
		files[fmt.Sprint("noise", i)] = noise(1<<19 + i)
	}
	o := serve(t, files)
	o.wrap = func(w http.ResponseWriter, r *http.Request) http.ResponseWriter { return &stuck{w, r, 5 << 19} }
	g := disk(t.TempDir()).git()
	g.most, g.patience = 1<<20, time.Minute
	_, err := g.open(t.Context(), parse(t, o.url))
	fails(t, "a fetch that does not end", err, "at most 1 MiB")
}

// Two large files that are almost equal make a small pack.
func TestTooMuchWhenUnpacked(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("\x00", 20<<20)
	o := serve(t, map[string]string{"template.yaml": "about: a\n", "files/a": "a", "large": large, "larger": large + "x"})
	run(t, o.dir, "repack", "-adfq", "--window=2")
	g := disk(t.TempDir()).git()
	g.most = 16 << 20
	_, err := g.open(t.Context(), parse(t, o.url))
	fails(t, "a pack that unpacks to more than one fetch may bring", err, "git fetch: ")
	g.most = 64 << 20
	if _, err := g.open(t.Context(), parse(t, o.url)); err != nil {
		t.Error(err)
	}
}

// everywhere returns all that was written and printed while a repository was read with a login.
func everywhere(t *testing.T, dirs ...string) string {
	t.Helper()
	var all strings.Builder
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
			all.WriteString(p + "\n")
			if err == nil && d.Type().IsRegular() {
				data, err := os.ReadFile(p)
				all.Write(data)
				return err
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

func TestLoginIsSeenNowhere(t *testing.T) {
	t.Parallel()
	const user, password = "us3r-name", "s3cret@/%:"
	encoded := "s3cret%40%2F%25%3A"
	for _, test := range []struct{ name, login, want string }{
		{"right", user + ":" + encoded, ""},
		{"wrong", user + ":s3cretly", "could not log in"},
		{"without password", user, "could not log in"},
	} {
		o := serve(t, small)
		seen := &requests{}
		o.first = seen.asking(user, password)
		trace := t.TempDir()
		g := by(t, "[credential]\n\thelper = "+canary(t, trace, "helper")+"\n", "GIT_TRACE="+trace+"/trace", "GIT_TRACE2_EVENT="+trace+"/events", "GIT_TRACE2_CONFIG_PARAMS=*", "GIT_TRACE_CURL="+trace+"/curl", "GIT_TRACE_SETUP="+trace+"/setup")
		var notes []string
		g.note = func(s string) { notes = append(notes, s) }
		s := parse(t, strings.Replace(o.url, "://", "://"+test.login+"@", 1))
		found, err := g.open(t.Context(), s)
		if test.want == "" {
			if err != nil {
				t.Errorf("%s: %v", test.name, err)
				continue
			}
			holds(t, found, keptOf(small))
		} else {
			fails(t, test.name, err, test.want)
		}
		all := everywhere(t, g.cache, trace) + fmt.Sprint(err, notes, s, s.Name(), s.Place)
		if !strings.Contains(all, "git-remote-http") && !strings.Contains(all, "remote-http") || len(notes) != 1 {
			t.Fatalf("%s: the traces are empty, or there is not one note: %v", test.name, notes)
		}
		for _, secret := range []string{"s3cret", "s3cret%40", base64.StdEncoding.EncodeToString([]byte(user + ":" + password)), base64.StdEncoding.EncodeToString([]byte(password))} {
			if strings.Contains(all, secret) {
				i := strings.Index(all, secret)
				t.Errorf("%s: %s is in %q", test.name, secret, all[max(0, i-300):min(len(all), i+100)])
			}
		}
		if test.want == "" && strings.Contains(fmt.Sprint(ran(t, trace)), "helper") {
			t.Errorf("%s: the user's helper was called, although the URL has a login", test.name)
		}
	}
}

// A login is removed where a login can be, but not from other words.
func TestLoginInGitsMessages(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		login      login
		said, want string
	}{
		{login{"a", ""}, "fatal: unable to access 'https://a@h/a/team.git/': a failure", "fatal: unable to access 'https://***@h/a/team.git/': a failure"},
		{login{"a", "b"}, "fatal: could not read a blob from https://a:b@bab.example/b", "fatal: could not read a blob from https://***@bab.example/b"},
		{login{"a", "b"}, "https://a:other@h data@h a@h (a@h)", "https://***@h data@h ***@h (***@h)"},
		{login{"git", "x"}, "fatal: not a git repository", "fatal: not a git repository"},
		{login{"me", "s3cret"}, "a line with s3cret, and https://me:s3cret@h", "a line with ***, and https://***@h"},
		{login{"me", "s3cret@/%:"}, "s3cret@/%: s3cret@%2F%25: s3cret%40%2F%25%3A", "*** *** ***"},
		{login{"m e", "x"}, "https://m%20e@h https://m e@h", "https://***@h https://***@h"},
		{login{"a", "b"}, "Authorization: Basic YTpi", "Authorization: Basic ***"},
		{login{"a.b", "x"}, "axb@h a.b@h", "axb@h ***@h"},
		{login{}, "https://me@h: plain", "https://me@h: plain"},
		{login{"a", "b"}, "a\x1b[2J\u202eb\xff\nnext", "a [2J b?\nnext"},
	} {
		if got := test.login.clean(test.said); got != test.want {
			t.Errorf("%v: %q: got %q, want %q", test.login, test.said, got, test.want)
		}
	}
}

// The login belongs to the host of the URL: a host that it redirects to does not get it.
func TestLoginStaysWithItsHost(t *testing.T) {
	t.Parallel()
	o := serve(t, small)
	seen, other := &requests{}, &requests{}
	thief := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { other.asking("x", "y")(w, r) }))
	t.Cleanup(thief.Close)
	_, port, err := net.SplitHostPort(thief.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	ask := seen.asking("me", "s3cret")
	for name, first := range map[string]func(http.ResponseWriter, *http.Request) bool{"at once": seen.note, "after a login": ask} {
		o.first = func(w http.ResponseWriter, r *http.Request) bool {
			if !first(w, r) {
				http.Redirect(w, r, "http://localhost:"+port+r.URL.String(), http.StatusFound)
			}
			return true
		}
		other.paths, seen.logins = nil, nil
		_, err = disk(t.TempDir()).Open(t.Context(), parse(t, strings.Replace(o.url, "://", "://me:s3cret@", 1)))
		fails(t, name, err, "could not log in")
		if (name == "at once") != (len(seen.logins) == 0) || len(other.paths) == 0 || len(other.logins) > 0 {
			t.Errorf("%s: logins: %v; of the other host: %v of %v", name, seen.logins, other.logins, other.paths)
		}
	}
}

// The user's own credential helpers and git variables work as usual.
func TestUsersLogin(t *testing.T) {
	t.Parallel()
	o := serve(t, small)
	seen := &requests{}
	o.first = seen.asking("me", "s3cret")
	helper := "[credential]\n\thelper = \"!f() { printf 'username=me\\\\npassword=s3cret\\\\n'; }; f\"\n"
	for name, g := range map[string]git{
		"configuration": by(t, helper),
		"variables":     by(t, "", "GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=http.extraHeader", "GIT_CONFIG_VALUE_0=Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte("me:s3cret"))),
	} {
		found, err := g.open(t.Context(), parse(t, o.url))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		holds(t, found, keptOf(small))
	}
	// A user name in the URL is combined with a password from the helper.
	seen.logins = nil
	if _, err := by(t, strings.ReplaceAll(helper, "username=me\\\\n", "")).open(t.Context(), parse(t, strings.Replace(o.url, "://", "://me@", 1))); err != nil {
		t.Error(err)
	}
}

func TestTerminal(t *testing.T) {
	t.Parallel()
	for _, terminal := range []bool{false, true} {
		r := repository{git: Reader{Terminal: terminal}.git()}
		if got := !r.command("", "fetch").Terminal; got == terminal {
			t.Errorf("with a terminal %v, git may not ask: %v", terminal, got)
		}
	}
	o := serve(t, small)
	r := disk(t.TempDir())
	r.Terminal = true
	found, err := r.Open(t.Context(), parse(t, o.url))
	if err != nil {
		t.Fatal(err)
	}
	holds(t, found, keptOf(small))
}

// This ssh is a script that runs the remote command locally.
func TestSSH(t *testing.T) {
	t.Parallel()
	o := serve(t, small)
	run(t, o.dir, "tag", "v1")
	dir := t.TempDir()
	ssh := filepath.Join(dir, "ssh")
	script := fmt.Sprintf("#!/bin/sh\nfor last; do printf '<%%s>' \"$last\" >> %[1]q; done\necho >> %[1]q\neval \"$last\"\n", filepath.Join(dir, "log"))
	if err := os.WriteFile(ssh, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ in, args string }{
		{"ssh://git@host.example:2222" + o.dir + "@v1", "<-o><SendEnv=GIT_PROTOCOL><-p><2222><git@host.example><git-upload-pack '" + o.dir + "'>"},
		{"ssh://[::1]" + o.dir + "@v1", "<-o><SendEnv=GIT_PROTOCOL><::1><git-upload-pack '" + o.dir + "'>"},
		{"git@host.example:" + o.dir + "@v1", "<-o><SendEnv=GIT_PROTOCOL><git@host.example><git-upload-pack '" + o.dir + "'>"},
	} {
		os.Remove(filepath.Join(dir, "log"))
		g := by(t, "", "GIT_SSH_COMMAND="+ssh, "GIT_SSH_VARIANT=ssh")
		found, err := g.open(t.Context(), parse(t, test.in))
		if err != nil {
			t.Errorf("%s: %v", test.in, err)
			continue
		}
		holds(t, found, keptOf(small))
		if log, err := os.ReadFile(filepath.Join(dir, "log")); err != nil || strings.TrimSpace(string(log)) != test.args {
			t.Errorf("%s: ssh was given %s, %v; want %s", test.in, log, err, test.args)
		}
	}
	g := by(t, "", "GIT_SSH_COMMAND="+filepath.Join(dir, "none"), "GIT_SSH_VARIANT=ssh")
	_, err := g.open(t.Context(), parse(t, "git@host.example:a/b"))
	fails(t, "no ssh", err, "ssh not found")
	for said, want := range map[string]error{
		"git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.\n": errLogin,
		"Host key verification failed.\nfatal: Could not read from remote repository.\n":         errLogin,
		"ssh: Could not resolve hostname h: x\nfatal: Could not read from remote repository.\n":  errReach,
		"error: cannot run ssh: No such file or directory\nfatal: unable to fork\n":              errSSH,
		"ERROR: Repository not found.\nfatal: Could not read from remote repository.\n":          errNone,
	} {
		if got := explain(&gitcommand.Error{Command: "fetch", Said: said, Code: 128}); !errors.Is(got, want) {
			t.Errorf("%q: got %v, want %v", said, got, want)
		}
	}
}
