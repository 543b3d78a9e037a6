package source

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// always is set for every git, whatever the user's configuration says: what a repository of somebody else's brings runs
// nothing, is checked, and goes into one pack, file by file.
var always = []string{
	"core.hooksPath=/dev/null", "core.fsmonitor=false", "fetch.fsckObjects=true", "fetch.unpackLimit=1", "fetch.writeCommitGraph=false",
	"core.bigFileThreshold=16m", "gc.auto=0", "maintenance.auto=false", "submodule.recurse=false", "protocol.version=2", "init.defaultBranch=main",
	"advice.detachedHead=false", "transfer.bundleURI=false",
}

// run runs git in the repository. read is handed what it prints, and ends git by an error.
func (r repository) run(ctx context.Context, read func(io.Reader) error, stdin string, args ...string) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var options []string
	for _, setting := range always {
		options = append(options, "-c", setting)
	}
	if args[0] != "init" {
		options = append(options, "--git-dir="+r.dir)
	}
	c := exec.CommandContext(ctx, r.program, append(options, args...)...)
	c.Dir = filepath.Dir(r.dir)
	c.Env = r.env()
	c.Stdin = strings.NewReader(stdin)
	said := &head{left: 64 << 10}
	c.Stderr = said
	c.WaitDelay = 2 * time.Second
	alone(c, r.terminal)
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	defer context.AfterFunc(ctx, func() { out.Close() })() // what git started may hold the other end
	var readErr error
	if read != nil {
		readErr = read(out)
	} else {
		_, _ = io.Copy(io.Discard, out)
	}
	if readErr != nil {
		cancel()
	}
	err = c.Wait()
	if ctx.Err() != nil {
		endRest(c, r.terminal)
	}
	if readErr != nil || err == nil || errors.Is(err, exec.ErrWaitDelay) { // a user's helper may stay
		return readErr
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return fmt.Errorf("git %s: %w", args[0], err)
	}
	return explain(args[0], r.clean(said.String()), exit.ExitCode())
}

// head keeps the start of what is written to it.
type head struct {
	bytes.Buffer
	left int
}

func (h *head) Write(p []byte) (int, error) {
	n := min(len(p), h.left)
	h.left -= n
	h.Buffer.Write(p[:n])
	return len(p), nil
}

// env is the environment of git: the user's, so that their keys, helpers and proxies work, without what would lead it to
// another repository.
func (r repository) env() []string {
	var env []string
	count := 0
	for _, kv := range r.environ {
		name, value, _ := strings.Cut(kv, "=")
		switch name {
		case "GIT_CONFIG_COUNT":
			count, _ = strconv.Atoi(value)
		case "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CONFIG", "GIT_OBJECT_DIRECTORY", "GIT_DIR", "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE",
			"GIT_GRAFT_FILE", "GIT_INDEX_FILE", "GIT_REPLACE_REF_BASE", "GIT_PREFIX", "GIT_SHALLOW_FILE", "GIT_COMMON_DIR", "GIT_NAMESPACE",
			"GIT_TEMPLATE_DIR", "GIT_QUARANTINE_PATH":
		default:
			env = append(env, kv)
		}
	}
	protocols := "https:ssh"
	if strings.HasPrefix(r.Place, "http:") {
		protocols += ":http"
	}
	env = append(env, "LC_ALL=C", "GIT_ALLOW_PROTOCOL="+protocols, "GIT_LITERAL_PATHSPECS=1", "GIT_NO_REPLACE_OBJECTS=1",
		"GIT_ALLOC_LIMIT="+strconv.FormatInt(r.most, 10)) // at once: what is packed well can be of any size
	if !r.terminal {
		env = append(env, "GIT_TERMINAL_PROMPT=0")
	}
	settings := r.login.settings(r.Place)
	for i, kv := range settings {
		n := strconv.Itoa(count + i)
		env = append(env, "GIT_CONFIG_KEY_"+n+"="+kv[0], "GIT_CONFIG_VALUE_"+n+"="+kv[1])
	}
	env = append(env, "GIT_CONFIG_COUNT="+strconv.Itoa(count+len(settings)))
	return append(env, loginUser+"="+r.login.user, loginPassword+"="+r.login.password)
}

// The login is handed to git by a helper that only the URL's own host is answered by: a header would follow a redirection,
// and a rewritten URL would show in the list of processes.
const (
	loginUser     = "DOCKERFLOW_GIT_USER"
	loginPassword = "DOCKERFLOW_GIT_PASSWORD"
	loginHelper   = `!f() { test "$1" != get || printf 'username=%s\npassword=%s\n' "$` + loginUser + `" "$` + loginPassword + `"; }; f`
)

// settings are git's by which it gets the login.
func (l login) settings(place string) [][2]string {
	u, err := url.Parse(place)
	if err != nil || l.user == "" {
		return nil
	}
	host := "credential." + u.Scheme + "://" + u.Host
	if l.password == "" {
		return [][2]string{{host + ".username", l.user}}
	}
	return [][2]string{{"credential.helper", ""}, {host + ".helper", loginHelper}}
}

// clean takes the login out of what git says, and what is not to be printed.
func (r repository) clean(said string) string {
	l := r.login
	secrets := []string{
		base64.StdEncoding.EncodeToString([]byte(l.user + ":" + l.password)),
		l.password, url.PathEscape(l.password), url.QueryEscape(l.password), l.user, url.PathEscape(l.user),
	}
	for _, secret := range slices.DeleteFunc(secrets, func(s string) bool { return s == "" || s == ":" }) {
		said = strings.ReplaceAll(said, secret, "***")
	}
	return strings.Map(func(r rune) rune {
		if r != '\n' && unprintable(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(said, "?"))
}
