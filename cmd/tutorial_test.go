package cmd

import (
	"encoding/pem"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTutorial runs the tutorial for template authors literally, with the built-in templates. A server on loopback stands
// in for https://github.com/.
func TestTutorial(t *testing.T) {
	t.Parallel()
	for _, program := range []string{"bash", "git"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("there is no " + program)
		}
	}
	page, err := os.ReadFile("../templates/README.md")
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	repositories := filepath.Join(home, "github")
	server := httptest.NewTLSServer(gitHandler(t, repositories))
	t.Cleanup(server.Close)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(filepath.Join(home, "ca.pem"), certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	script := "dockerflow() { dockerflow-real \"$@\"; }\n" +
		"git init --quiet --bare --initial-branch=main " + repositories + "/acme/templates.git\n" +
		"git -C " + repositories + "/acme/templates.git config http.receivepack true\n" +
		"git config --global url." + server.URL + "/.insteadOf https://github.com/\n" +
		"mkdir work && cd work\n" + tutorial(string(page))
	c := exec.CommandContext(t.Context(), "bash", "-xeuo", "pipefail", "-c", script)
	c.Dir = home
	c.Env = append(os.Environ(), "HOME="+home, "XDG_CONFIG_HOME="+home+"/.config", "XDG_CACHE_HOME="+home+"/.cache", "GIT_CONFIG_NOSYSTEM=1", "GIT_SSL_CAINFO="+home+"/ca.pem",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for path, want := range map[string]string{
		"shop/deploy/region.json":   `{"service": "shop", "region": "us"}`,
		"basket/CODEOWNERS":         "* @acme/services\n",
		"basket/.dockerflow.yaml":   `ref: "v1.0.0"`,
		"cart/CODEOWNERS":           "@acme/security",
		"cart/.dockerflow.yaml":     `source: "https://github.com/acme/templates"`,
		"templates/golden/us.txtar": `"region": "us"`,
	} {
		data, err := os.ReadFile(filepath.Join(home, "work", path))
		if err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s: %v: %s", path, err, data)
		}
	}
}

// tutorial returns the commands of the named section of the page, with the files that they read.
func tutorial(page string) string {
	_, page, _ = strings.Cut(page, "\n## Tutorial\n")
	page, _, _ = strings.Cut(page, "\n## ")
	var script strings.Builder
	code := false
	for line := range strings.Lines(page) {
		switch {
		case line == "```sh\n":
			code = true
		case line == "```\n":
			code = false
		case code:
			script.WriteString(line)
		}
	}
	return script.String()
}
