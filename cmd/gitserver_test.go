package cmd

import (
	"io"
	"net/http/cgi"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// serveGit serves the repositories in a script's folder git on loopback, until the script ends.
func serveGit(env *testscript.Env) {
	backend, err := gitBackend()
	if err != nil {
		return // scripts that need git skip themselves
	}
	server := httptest.NewServer(gitRepositories(backend, filepath.Join(env.WorkDir, "git")))
	env.Defer(server.Close)
	env.Setenv("GITHOST", server.URL)
	env.Setenv("PORT", server.URL[strings.LastIndexByte(server.URL, ':'):])
}

// gitHandler serves the repositories in a folder.
func gitHandler(t *testing.T, folder string) *cgi.Handler {
	t.Helper()
	backend, err := gitBackend()
	if err != nil {
		t.Fatal(err)
	}
	return gitRepositories(backend, folder)
}

func gitBackend() (string, error) {
	out, err := exec.Command("git", "--exec-path").Output()
	return filepath.Join(strings.TrimSpace(string(out)), "git-http-backend"), err
}

func gitRepositories(backend, folder string) *cgi.Handler {
	return &cgi.Handler{
		Path:   backend,
		Env:    []string{"GIT_PROJECT_ROOT=" + folder, "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1", "HOME=" + folder, "REMOTE_USER=a"},
		Stderr: io.Discard, // errors about missing repositories
	}
}
