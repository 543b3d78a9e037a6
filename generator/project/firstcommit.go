package project

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"dockerflow/generator/git"
	"dockerflow/generator/tree"
)

// FirstCommit makes dir a repository with files as its first commit, unless it is inside one already. It returns a note for
// the user, or "".
func FirstCommit(ctx context.Context, run git.Runner, dir string, files tree.Tree, message string) (string, error) {
	if _, inside := repositoryAbove(dir); inside {
		return "", nil
	}
	call := func(stdin string, args ...string) error {
		// Git must not guess an identity. A signing program may ask the user, so it gets the terminal.
		_, err := run(ctx, git.Command{
			Purpose: git.Commit, Dir: dir, Args: args, Stdin: stdin, Terminal: true,
			Settings: []string{"init.defaultBranch=main", "user.useConfigOnly=true"},
		})
		return err
	}
	err := call("", "init", "--quiet")
	if errors.Is(err, git.ErrNotFound) {
		return "git not found: run git init later", nil
	}
	if err != nil {
		return "", err
	}
	// Add by name, so that only our files are added, and with force, so that no ignore file of the user excludes one.
	if err := call(strings.Join(slices.Sorted(maps.Keys(files)), "\x00"), "add", "--force", "--pathspec-from-file=-", "--pathspec-file-nul"); err != nil {
		return "", err
	}
	if err := call("", "commit", "--quiet", "--message", message); err != nil {
		if who := call("", "var", "GIT_COMMITTER_IDENT"); who != nil {
			return "git has no identity for you, so the files are only staged: set user.name and user.email, then run git commit", nil
		}
		return "", err
	}
	return "", nil
}
