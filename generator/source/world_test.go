package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"maps"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dockerflow/generator/tree"
	"dockerflow/generator/tree/treetest"
)

// TestMain isolates the tests from the user's configuration.
func TestMain(m *testing.M) {
	treetest.InMemory()
	for name, value := range map[string]string{
		"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.DevNull, "no_proxy": "*", "NO_PROXY": "*", "http_proxy": "", "HTTP_PROXY": "",
		"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com",
	} {
		os.Setenv(name, value)
	}
	os.Exit(m.Run()) //nolint:forbidigo // as every TestMain
}

// small is a minimal template, with other files next to it.
var small = map[string]string{
	"template.yaml": "about: a\n", "files/a.txt": "a\n", "files/b/c.tmpl": "c\n", "parts/d.md": "d\n", "README.md": "no\n", "golden/a.txtar": "no\n",
}

// keptOf returns the files of small that are read.
func keptOf(files map[string]string) map[string]string {
	all := maps.Clone(files)
	maps.DeleteFunc(all, func(p, _ string) bool { return !kept(p) })
	return all
}

func below(folder string, files map[string]string) map[string]string {
	all := map[string]string{}
	for p, text := range files {
		all[folder+"/"+p] = text
	}
	return all
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for p, text := range files {
		name := filepath.Join(dir, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func parse(t *testing.T, s string) Source {
	t.Helper()
	source, err := Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func disk(cache string) Reader { return Reader{FS: tree.Disk{}, Cache: cache} }

// holds checks all files that were read.
func holds(t *testing.T, found Found, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	err := fs.WalkDir(found.Files, ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			var data []byte
			data, err = fs.ReadFile(found.Files, p)
			got[p] = string(data)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what was read (-want +got):\n%s", diff)
	}
}

// run runs git in a folder, and returns its output.
func run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	c := exec.Command("git", append([]string{"-c", "init.defaultBranch=main", "-c", "core.autocrlf=false"}, args...)...)
	c.Dir = dir
	out, err := c.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("git %v: %s", args, exit.Stderr)
		}
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// origin is a repository that is served over HTTP, and its work tree: they are the same folder.
type origin struct {
	dir, url string
	server   *httptest.Server
	requests atomic.Int64
	first    func(http.ResponseWriter, *http.Request) bool // answers requests in place of git's server; set before the first request
	wrap     func(http.ResponseWriter, *http.Request) http.ResponseWriter
	old      bool // the server only supports protocol version 0
}

func serve(t *testing.T, files map[string]string, args ...string) *origin {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git not found")
	}
	o := &origin{dir: filepath.Join(t.TempDir(), "team.git")}
	run(t, "", append([]string{"init", "--quiet", o.dir}, args...)...)
	backend := &cgi.Handler{
		Path: filepath.Join(run(t, "", "--exec-path"), "git-http-backend"),
		Env: []string{"GIT_PROJECT_ROOT=" + filepath.Dir(o.dir), "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull,
			"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=safe.directory", "GIT_CONFIG_VALUE_0=*"},
		Stderr: io.Discard,
		Logger: log.New(io.Discard, "", 0), // a client that disconnects is not an error of the server
	}
	o.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.requests.Add(1)
		if o.first != nil && o.first(w, r) {
			return
		}
		if o.old {
			r.Header.Del("Git-Protocol")
		}
		if o.wrap != nil {
			w = o.wrap(w, r)
		}
		backend.ServeHTTP(w, r)
	}))
	t.Cleanup(o.server.Close)
	o.url = o.server.URL + "/team.git"
	o.commit(t, files)
	return o
}

// commit replaces all files, and returns the id of the commit.
func (o *origin) commit(t *testing.T, files map[string]string) string {
	t.Helper()
	for _, entry := range slices.Sorted(maps.Keys(files)) {
		top, _, _ := strings.Cut(entry, "/")
		os.RemoveAll(filepath.Join(o.dir, top))
	}
	write(t, o.dir, files)
	run(t, o.dir, "add", "--all", "--force")
	run(t, o.dir, "commit", "--quiet", "--allow-empty", "--message", "x")
	return run(t, o.dir, "rev-parse", "HEAD")
}

// imported creates a branch with files of any mode: MODE PATH to content.
func (o *origin) imported(t *testing.T, branch string, files map[string]string) {
	t.Helper()
	var in strings.Builder
	fmt.Fprintf(&in, "commit refs/heads/%s\ncommitter a <a@example.com> 0 +0000\ndata 0\n", branch)
	for entry, content := range files {
		mode, p, _ := strings.Cut(entry, " ")
		var quoted strings.Builder
		for _, b := range []byte(p) {
			fmt.Fprintf(&quoted, `\%03o`, b)
		}
		if mode == "160000" {
			fmt.Fprintf(&in, "M 160000 %s \"%s\"\n", content, &quoted)
			continue
		}
		fmt.Fprintf(&in, "M %s inline \"%s\"\ndata %d\n%s\n", mode, &quoted, len(content), content)
	}
	o.pipe(t, in.String()+"\n", "fast-import", "--quiet")
}

// pipe runs git in the repository with an input.
func (o *origin) pipe(t *testing.T, in string, args ...string) string {
	t.Helper()
	c := exec.Command("git", args...)
	c.Dir, c.Stdin = o.dir, strings.NewReader(in)
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %s", args, out)
	}
	return strings.TrimSpace(string(out))
}

// by reads with git as the user configured it, and with extra environment variables.
func by(t *testing.T, config string, env ...string) git {
	t.Helper()
	name := filepath.Join(t.TempDir(), "gitconfig")
	if err := os.WriteFile(name, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	g := disk(t.TempDir()).git()
	g.environ = append(append(g.environ, "GIT_CONFIG_GLOBAL="+name, "HOME="+t.TempDir()), env...)
	return g
}

// fails checks for the expected error, and that it can be shown.
func fails(t *testing.T, name string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) || len(err.Error()) > 1000 || strings.ContainsFunc(err.Error(), unprintable) {
		t.Errorf("%s: got %v, want %s", name, err, want)
	}
}
