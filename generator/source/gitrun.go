package source

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	gitcommand "dockerflow/generator/git"
)

// settings are used for every git command, whatever the user's configuration says: data from a server is checked, and
// stored in one pack, file by file.
var settings = []string{
	"fetch.fsckObjects=true", "fetch.unpackLimit=1", "fetch.writeCommitGraph=false", "core.bigFileThreshold=16m", "protocol.version=2",
	"init.defaultBranch=main", "advice.detachedHead=false", "transfer.bundleURI=false",
}

// command returns a git command in the repository. Only a command that asks a server may use the network, and gets the
// login.
func (r repository) command(stdin string, args ...string) gitcommand.Command {
	c := gitcommand.Command{
		Dir: filepath.Dir(r.dir), GitDir: r.dir, Args: args, Stdin: stdin, Settings: settings,
		Program: r.program, Environ: r.environ, Terminal: r.terminal,
		Set: []string{"GIT_ALLOC_LIMIT=" + strconv.FormatInt(r.most, 10)}, // abort at once: a small pack can contain files of any size
	}
	if args[0] != "fetch" && args[0] != "ls-remote" {
		return c
	}
	c.Purpose, c.Protocols = gitcommand.Fetch, []string{"https", "ssh"}
	if strings.HasPrefix(r.Place, "http:") {
		c.Protocols = append(c.Protocols, "http")
	}
	c.Login = r.login.settings(r.Place)
	c.Set = append(c.Set, loginUser+"="+r.login.user, loginPassword+"="+r.login.password)
	return c
}

// run runs git in the repository. It passes the output to read, whose error ends git.
func (r repository) run(ctx context.Context, read func(io.Reader) error, stdin string, args ...string) error {
	err := r.command(stdin, args...).Run(ctx, read)
	var failed *gitcommand.Error
	if errors.As(err, &failed) {
		failed.Said = r.login.clean(failed.Said)
		return explain(failed)
	}
	return err
}

// The login is passed to git by a credential helper that answers only for the host of the URL. A header would follow
// redirects, and a rewritten URL would be visible in the list of processes.
const (
	loginUser     = "DOCKERFLOW_GIT_USER"
	loginPassword = "DOCKERFLOW_GIT_PASSWORD"
	loginHelper   = `!f() { test "$1" != get || printf 'username=%s\npassword=%s\n' "$` + loginUser + `" "$` + loginPassword + `"; }; f`
)

// settings returns the settings that give git the login.
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

// longSecret is the length from which a password is replaced everywhere, in bytes. A shorter one could be part of
// other words.
const longSecret = 6

// clean removes the login and unprintable characters from git's messages. A user name and a short password are removed
// only before an @, where a login is.
func (l login) clean(said string) string {
	secrets := []string{l.password, url.PathEscape(l.password), url.QueryEscape(l.password)}
	secrets = slices.DeleteFunc(secrets, func(s string) bool { return len(s) < longSecret })
	if l.password != "" {
		secrets = append(secrets, base64.StdEncoding.EncodeToString([]byte(l.user+":"+l.password)))
	}
	for _, secret := range secrets {
		said = strings.ReplaceAll(said, secret, "***")
	}
	if l.user != "" {
		names := regexp.QuoteMeta(l.user) + "|" + regexp.QuoteMeta(url.PathEscape(l.user))
		said = regexp.MustCompile(`(^|[^\pL\pN_.%+-])(?:`+names+`)(?::[^\s/@]*)?@`).ReplaceAllString(said, "${1}***@")
	}
	return strings.Map(func(r rune) rune {
		if r != '\n' && unprintable(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(said, "?"))
}
