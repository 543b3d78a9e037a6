package git

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// The user's environment variables that are passed to git, in upper case. A name that ends in * is a prefix.
var (
	// forAll are the variables for the locations of the user's files and programs, and for git's settings. Variables
	// that select another repository, such as GIT_DIR, are left out: dockerflow may run in a hook of that repository.
	forAll = listed(`
		PATH HOME USER LOGNAME SUDO_UID TMPDIR TZ XDG_CONFIG_HOME
		SYSTEMROOT WINDIR COMSPEC PATHEXT USERPROFILE HOMEDRIVE HOMEPATH APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES TEMP TMP
		DEVELOPER_DIR
		GIT_EXEC_PATH GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM GIT_CONFIG_NOSYSTEM GIT_CONFIG_COUNT GIT_CONFIG_KEY_* GIT_CONFIG_VALUE_*
		GIT_ATTR_NOSYSTEM GIT_CEILING_DIRECTORIES GIT_DISCOVERY_ACROSS_FILESYSTEM GIT_TRACE*`)

	// forCommit are the variables that identify the user, and that let a signing program ask for a password.
	forCommit = listed(`
		EMAIL GIT_AUTHOR_* GIT_COMMITTER_*
		GNUPGHOME GPG_TTY GPG_AGENT_INFO SSH_AUTH_SOCK SSH_ASKPASS SSH_ASKPASS_REQUIRE
		TERM DISPLAY WAYLAND_DISPLAY XAUTHORITY XDG_RUNTIME_DIR DBUS_SESSION_BUS_ADDRESS`)

	// forFetch are git's own variables about servers. Variables that are not git's are all passed: ssh, a proxy or a
	// credential helper may need any of them.
	forFetch = listed(`
		GIT_SSH GIT_SSH_COMMAND GIT_SSH_VARIANT GIT_ASKPASS GIT_TERMINAL_PROMPT GIT_SSL_* GIT_PROXY_SSL_* GIT_HTTP_* GIT_CURL_*`)
)

func listed(names string) []string { return strings.Fields(names) }

func within(list []string, name string) bool {
	return slices.ContainsFunc(list, func(entry string) bool {
		start, several := strings.CutSuffix(entry, "*")
		return name == entry || several && strings.HasPrefix(name, start)
	})
}

func (c Command) passes(name string) bool {
	name = strings.ToUpper(name) // names are not case-sensitive on Windows
	switch {
	case within(forAll, name):
		return true
	case c.Purpose == Commit:
		return within(forCommit, name)
	case c.Purpose == Fetch:
		return !strings.HasPrefix(name, "GIT_") || within(forFetch, name)
	}
	return false
}

// environ returns the environment for git.
func (c Command) environ() []string {
	user := c.Environ
	if user == nil {
		user = os.Environ()
	}
	var env []string
	count := 0
	for _, kv := range user {
		name, value, _ := strings.Cut(kv, "=")
		if !c.passes(name) {
			continue
		}
		switch strings.ToUpper(name) {
		case "PATH":
			kv = name + "=" + absolute(value)
		case "GIT_CONFIG_COUNT":
			count, _ = strconv.Atoi(value)
		}
		env = append(env, kv)
	}
	protocols := ":" // an empty list
	if c.Purpose == Fetch {
		protocols = strings.Join(c.Protocols, ":")
	}
	env = append(env, "LC_ALL=C", "GIT_ALLOW_PROTOCOL="+protocols, "GIT_NO_LAZY_FETCH=1", "GIT_NO_REPLACE_OBJECTS=1",
		"GIT_LITERAL_PATHSPECS=1", "GIT_OPTIONAL_LOCKS=0", "GIT_PAGER=cat", "GIT_EDITOR=:", "GIT_SEQUENCE_EDITOR=:")
	if c.Purpose != Fetch || !c.Terminal {
		env = append(env, "GIT_TERMINAL_PROMPT=0")
	}
	for i, setting := range c.Login {
		n := strconv.Itoa(count + i)
		env = append(env, "GIT_CONFIG_KEY_"+n+"="+setting[0], "GIT_CONFIG_VALUE_"+n+"="+setting[1])
	}
	env = append(env, "GIT_CONFIG_COUNT="+strconv.Itoa(count+len(c.Login)))
	return append(env, c.Set...)
}

// absolute keeps the entries of PATH that do not depend on the folder that git works in, which is untrusted.
func absolute(list string) string {
	entries := slices.DeleteFunc(filepath.SplitList(list), func(dir string) bool { return !filepath.IsAbs(dir) })
	return strings.Join(entries, string(os.PathListSeparator))
}
