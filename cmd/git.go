package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"dockerflow/generator"
)

// Git runs git in a folder and returns its standard output. Its error holds what git said; it is exec.ErrNotFound
// where there is no git.
type Git func(ctx context.Context, dir, stdin string, args ...string) (string, error)

func runGit(ctx context.Context, dir, stdin string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, "git", args...)
	c.Dir = dir
	c.Stdin = strings.NewReader(stdin)
	c.Env = append(withoutRepository(os.Environ()), "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	var said bytes.Buffer
	out := limited{left: maxSaid}
	c.Stdout, c.Stderr = &out, &said
	if err := c.Run(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return "", exec.ErrNotFound
		}
		line, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n")
		return out.String(), fmt.Errorf("git %s: %s: %w", args[0], line, err)
	}
	return out.String(), nil
}

// maxSaid bounds what is read of git, in bytes: a record may name any blob of a repository.
const maxSaid = 1 << 28

// limited is a buffer that refuses to grow without end.
type limited struct {
	bytes.Buffer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, fmt.Errorf("more than %d bytes", maxSaid)
	}
	return l.Buffer.Write(p)
}

// withoutRepository drops the variables by which git, calling us from a hook, would make us write into its own
// repository.
func withoutRepository(env []string) (kept []string) {
	for _, kv := range env {
		name, _, _ := strings.Cut(kv, "=")
		switch name {
		case "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_PREFIX",
			"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE":
		default:
			kept = append(kept, kv)
		}
	}
	return kept
}

// firstCommit makes dir a repository whose first commit is tree, unless it is inside one. It returns what there is to
// tell.
func firstCommit(ctx context.Context, git Git, dir string, tree generator.Tree, message string) (string, error) {
	if insideRepository(dir) {
		return "", nil
	}
	_, err := git(ctx, dir, "", "-c", "init.defaultBranch=main", "init", "--quiet")
	if errors.Is(err, exec.ErrNotFound) {
		return "there is no git here: make it a repository when there is", nil
	}
	if err != nil {
		return "", err
	}
	// By name, so that only our files are added, and by force, so that no ignore file of the user's leaves one out.
	add := []string{"add", "--force", "--pathspec-from-file=-", "--pathspec-file-nul"}
	if _, err := git(ctx, dir, strings.Join(paths(tree), "\x00"), add...); err != nil {
		return "", err
	}
	// A guessed identity is nobody's, and a hook is none of what was asked for.
	commit := []string{"-c", "user.useConfigOnly=true", "-c", "core.hooksPath=/dev/null", "commit", "--quiet", "--message", message}
	if _, err := git(ctx, dir, "", commit...); err != nil {
		if _, who := git(ctx, dir, "", "-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT"); who != nil {
			return "git does not know who you are: the files are staged; set user.name and user.email, then git commit", nil
		}
		return "", err
	}
	return "", nil
}

// insideRepository looks for .git in dir and the folders above it.
func insideRepository(dir string) bool {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return false
	}
	if resolved, err := filepath.EvalSymlinks(dir); err == nil {
		dir = resolved
	}
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return true
		}
		up := filepath.Dir(dir)
		if up == dir {
			return false
		}
		dir = up
	}
}
