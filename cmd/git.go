package cmd

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"dockerflow/generator/git"
	"dockerflow/generator/tree"
)

// Git makes one call of git and returns its standard output. Its error holds what git said; it is git.ErrNotFound where
// there is no git.
type Git func(context.Context, git.Command) (string, error)

func runGit(ctx context.Context, c git.Command) (string, error) { return c.Output(ctx) }

// firstCommit makes dir a repository whose first commit is tree, unless it is inside one. It returns what there is to
// tell.
func firstCommit(ctx context.Context, run Git, dir string, tree tree.Tree, message string) (string, error) {
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
	if err := call(strings.Join(paths(tree), "\x00"), "add", "--force", "--pathspec-from-file=-", "--pathspec-file-nul"); err != nil {
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

// repositoryAbove finds the folder with .git: dir, or the nearest above it. It returns the way from there to dir.
func repositoryAbove(dir string) (way string, found bool) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", false
	}
	if resolved, err := filepath.EvalSymlinks(dir); err == nil {
		dir = resolved
	}
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return way, true
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", false
		}
		way, dir = filepath.Join(filepath.Base(dir), way), up
	}
}
