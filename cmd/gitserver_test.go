package cmd

import (
	"net/http/cgi"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// serveGit gives a script the URL of the repositories in its folder git, on loopback. The server ends with the script.
func serveGit(env *testscript.Env) {
	out, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		return // a script that needs it says so
	}
	server := httptest.NewServer(&cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(out)), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + filepath.Join(env.WorkDir, "git"), "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1", "HOME=" + env.WorkDir},
	})
	env.Defer(server.Close)
	env.Setenv("GITHOST", server.URL)
	env.Setenv("PORT", server.URL[strings.LastIndexByte(server.URL, ':'):])
}
