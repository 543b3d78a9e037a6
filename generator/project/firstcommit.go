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

// FirstCommit makes dir a repository whose first commit is files, unless it is inside one. It returns what there is to
// tell.
func FirstCommit(ctx context.Context, run git.Runner, dir string, files tree.Tree, message string) (string, error) {
	if _, inside := repositoryAbove(dir); inside {
		return "", nil
	}
	call := func(stdin string, args ...string) error {
		// A guessed identity is nobody's. A program that signs may ask the user.
		_, err := run(ctx, git.Command{
			Purpose: git.Commit, Dir: dir, Args: args, Stdin: stdin, Terminal: true,
			Settings: []string{"init.defaultBranch=main", "user.useConfigOnly=true"},
		})
		return err
	}
	err := call("", "init", "--quiet")
	if errors.Is(err, git.ErrNotFound) {
		return "there is no git here: make it a repository when there is", nil
	}
	if err != nil {
		return "", err
	}
	// By name, so that only our files are added, and by force, so that no ignore file of the user's leaves one out.
	if err := call(strings.Join(slices.Sorted(maps.Keys(files)), "\x00"), "add", "--force", "--pathspec-from-file=-", "--pathspec-file-nul"); err != nil {
		return "", err
	}
	if err := call("", "commit", "--quiet", "--message", message); err != nil {
		if who := call("", "var", "GIT_COMMITTER_IDENT"); who != nil {
			return "git does not know who you are: the files are staged; set user.name and user.email, then git commit", nil
		}
		return "", err
	}
	return "", nil
}
