package source

import (
	"errors"
	"fmt"
	"strings"

	gitcommand "dockerflow/generator/git"
)

var (
	errNoRef    = errors.New("there is no such tag or branch")
	errNoCommit = errors.New("the server has no such commit, or does not serve commits by id: use a tag")
	errOtherIDs = errors.New("the repository uses another kind of object ids")
	errLogin    = errors.New("git could not log in, or there is no such repository: make git ls-remote with this URL work, with a credential helper or an ssh key")
	errNone     = errors.New("there is no such repository, or you may not see it")
	errAway     = errors.New("not in the cache")
	errReach    = errors.New("the server could not be reached: offline, only a tag or a commit that was fetched before can be used")
	errSSH      = errors.New("ssh not found: install it, or use https://")
	errProtocol = errors.New("git's configuration rewrites the URL to a protocol that is not allowed: use https or ssh")
)

// causes maps parts of git's English messages to their meaning. The first match counts.
var causes = []struct {
	said string
	err  error
}{
	{"mismatched algorithms", errOtherIDs},
	{"couldn't find remote ref", errNoRef},
	{"unadvertised object", errNoCommit},
	{"not our ref", errNoCommit},
	{"cannot run ", errSSH},
	{"could not read Username", errLogin},
	{"could not read Password", errLogin},
	{"Authentication failed", errLogin},
	{"terminal prompts disabled", errLogin},
	{"returned error: 403", errLogin},
	{"Permission denied (", errLogin},
	{"Host key verification failed", errLogin},
	{"' not found", errNone},
	{"Repository not found", errNone},
	{"returned error: 404", errNone},
	{"does not appear to be a git repository", errNone},
	{"not valid: is this a git repository", errNone},
	{"' not allowed", errProtocol},
	{"Could not resolve host", errReach},
	{"unable to access", errReach},
	{"Connection refused", errReach},
	{"Connection reset", errReach},
	{"timed out", errReach},
	{"is unreachable", errReach},
	{"Could not read from remote repository", errReach},
}

// explain translates git's message into what the user can do.
func explain(e *gitcommand.Error) error {
	line := shorten(e.Line())
	if e.Command == "fetch" || e.Command == "ls-remote" {
		for _, c := range causes {
			if strings.Contains(e.Said, c.said) {
				return fmt.Errorf("%w (git: %s)", c.err, line)
			}
		}
	}
	return &gitcommand.Error{Command: e.Command, Said: line, Code: e.Code}
}
