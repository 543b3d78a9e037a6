package project

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"dockerflow/generator/failure"
	"dockerflow/generator/git"
	"dockerflow/generator/tree"
)

// repository is the git work tree that contains a project. Its methods use one call of git for any number of files.
type repository struct {
	run    git.Runner
	dir    string // the project's folder
	prefix string // the path from the work tree's top to dir: "" or "a/b/"
	gitDir string // the folder of this work tree's index
	sha1   bool   // it uses SHA-1 object ids, as records do
}

// findRepository finds the work tree that contains dir. If there is none, or no git, it returns nil and a note for the user,
// which may be "".
func findRepository(ctx context.Context, run git.Runner, dir string) (*repository, string, error) {
	if run == nil {
		return nil, "", nil
	}
	way, inside := repositoryAbove(dir)
	if !inside {
		return nil, "", nil
	}
	r := &repository{run: run, dir: dir}
	out, err := r.git(ctx, "", "rev-parse", "--is-inside-work-tree", "--show-object-format", "--absolute-git-dir", "--show-prefix")
	if errors.Is(err, git.ErrNotFound) {
		return nil, "git not found: the project's history is unavailable", nil
	}
	if err != nil && strings.Contains(err.Error(), "safe.bareRepository") {
		return nil, "", failure.New("if it is not your repository, delete its file HEAD", "git treats this folder, or a parent, as a bare repository: %w", err)
	}
	if err != nil {
		return nil, "", failure.New("", "%w", err)
	}
	said := strings.Split(out, "\n")
	if len(said) < 4 || said[0] != "true" {
		return nil, "", failure.New("run this in the repository's work tree", "%s is inside a repository, not a work tree", dir)
	}
	r.prefix, r.gitDir, r.sha1 = said[3], filepath.FromSlash(said[2]), said[1] == "sha1"
	if depth := strings.Count(r.prefix, "/"); depth != len(strings.FieldsFunc(way, func(c rune) bool { return c == filepath.Separator })) {
		return nil, "", failure.New("see core.worktree in its configuration", "the repository of %s, %s, has its work tree elsewhere", dir, r.gitDir)
	}
	return r, "", nil
}

// git runs git in the project's folder. The project is untrusted: git must not start programs that it configures.
func (r *repository) git(ctx context.Context, stdin string, args ...string) (string, error) {
	return r.run(ctx, git.Command{Purpose: git.Project, Dir: r.dir, Stdin: stdin, Args: args})
}

// state returns the folder for the state of an update in progress. Each project in a repository has its own.
func (r *repository) state() string {
	name := "dockerflow-update"
	if r.prefix != "" {
		name += "-" + tree.BlobID([]byte(r.prefix))[:12]
	}
	return filepath.Join(r.gitDir, name)
}

// entry is one line of git's index.
type entry struct {
	Mode, ID string
	Stage    int
	Absent   bool // left out of the work tree by a sparse checkout
}

// index returns the entries of git's index below the project's folder, by path.
func (r *repository) index(ctx context.Context) (map[string][]entry, error) {
	out, err := r.git(ctx, "", "ls-files", "--stage", "-t", "-z", "--", ".")
	if err != nil {
		return nil, err
	}
	index := make(map[string][]entry, strings.Count(out, "\x00"))
	for line := range strings.SplitSeq(strings.TrimSuffix(out, "\x00"), "\x00") {
		head, path, ok := strings.Cut(line, "\t")
		words := strings.Fields(head)
		if !ok || len(words) != 4 {
			continue
		}
		stage, err := strconv.Atoi(words[3])
		if err != nil {
			return nil, fmt.Errorf("git ls-files: %q: %w", line, err)
		}
		index[path] = append(index[path], entry{words[1], words[2], stage, words[0] == "S"})
	}
	return index, nil
}

// uncommitted lists the project's tracked files that differ from its last commit.
type uncommitted struct {
	sure    []string
	perhaps []string // files with a filter, which does not run here, that differ from the filter's last result
}

func (r *repository) uncommitted(ctx context.Context) (*uncommitted, error) {
	out, err := r.git(ctx, "", "status", "--porcelain", "-z", "--no-renames", "--untracked-files=no", "--ignore-submodules=all", "--", ".")
	if err != nil {
		return nil, err
	}
	u := &uncommitted{}
	var changed []string // only in the work tree
	for line := range strings.SplitSeq(out, "\x00") {
		switch {
		case strings.HasPrefix(line, " M "):
			changed = append(changed, strings.TrimPrefix(line[3:], r.prefix))
		case len(line) > 3:
			u.sure = append(u.sure, strings.TrimPrefix(line[3:], r.prefix))
		}
	}
	filtered, err := r.filtered(ctx, changed)
	if err != nil {
		return nil, err
	}
	for _, p := range changed {
		if filtered[p] {
			u.perhaps = append(u.perhaps, p)
		} else {
			u.sure = append(u.sure, p)
		}
	}
	slices.Sort(u.sure)
	return u, nil
}

// filtered reports which files have a filter.
func (r *repository) filtered(ctx context.Context, paths []string) (map[string]bool, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	out, err := r.git(ctx, strings.Join(paths, "\x00"), "check-attr", "-z", "--stdin", "filter")
	if err != nil {
		return nil, err
	}
	filtered := map[string]bool{}
	words := strings.Split(out, "\x00")
	for i := 0; i+2 < len(words); i += 3 { // the path, the attribute and its value
		filtered[words[i]] = words[i+2] != "unspecified" && words[i+2] != "unset"
	}
	return filtered, nil
}

// head returns the commit that is checked out, or "" if there is none.
func (r *repository) head(ctx context.Context) string {
	out, err := r.git(ctx, "", "rev-parse", "--verify", "--quiet", "HEAD")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(out)
}

// deleted returns the last commit that deleted a file of the project, or "".
func (r *repository) deleted(ctx context.Context, path string) string {
	out, err := r.git(ctx, "", "log", "-1", "--no-ext-diff", "--no-textconv", "--no-show-signature", "--diff-filter=D", "--format=%h", "--", path)
	if err != nil {
		return "" // there is no commit yet
	}
	return strings.TrimSpace(out)
}

// blobs returns the contents of blobs by id. It leaves out ids that the repository lacks, objects that are not blobs, and
// contents that do not match their id.
func (r *repository) blobs(ctx context.Context, ids []string) (map[string][]byte, error) {
	if len(ids) == 0 || !r.sha1 {
		return nil, nil
	}
	found := make(map[string][]byte, len(ids))
	err := r.read(ctx, ids, found)
	if !elsewhere(err) {
		return found, err
	}
	for _, id := range ids {
		if err := r.read(ctx, []string{id}, found); err != nil && !elsewhere(err) {
			return nil, err
		}
	}
	return found, nil
}

// elsewhere reports whether git failed because it would have to fetch an object, as in a partial clone.
func elsewhere(err error) bool {
	var failed *git.Error
	return errors.As(err, &failed) && strings.Contains(failed.Said, "promisor remote")
}

// read adds the contents of blobs to found.
func (r *repository) read(ctx context.Context, ids []string, found map[string][]byte) error {
	out, err := r.git(ctx, strings.Join(ids, "\n")+"\n", "cat-file", "--batch")
	if err != nil {
		return err
	}
	for rest := out; rest != ""; {
		head, after, _ := strings.Cut(rest, "\n")
		rest = after
		words := strings.Fields(head)
		if len(words) != 3 {
			continue // "ID missing"
		}
		size, err := strconv.Atoi(words[2])
		if err != nil || size < 0 || size >= len(rest) {
			return fmt.Errorf("git cat-file: unexpected answer %q", head)
		}
		data := []byte(rest[:size])
		if words[1] == "blob" && tree.BlobID(data) == words[0] {
			found[words[0]] = data
		}
		rest = rest[size+1:]
	}
	return nil
}

// store writes contents to the repository as blobs and returns their ids in order.
func (r *repository) store(ctx context.Context, contents [][]byte) ([]string, error) {
	if len(contents) == 0 {
		return nil, nil
	}
	tmp, err := os.MkdirTemp(r.gitDir, "dockerflow-objects-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(tmp)
	var names bytes.Buffer
	for i, data := range contents {
		name := filepath.Join(tmp, strconv.Itoa(i))
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return nil, err
		}
		fmt.Fprintln(&names, name)
	}
	return r.hash(ctx, len(contents), names.String(), "--no-filters")
}

// storeFiles stores files of the work tree as git add would, but without filters, and returns their ids in order.
func (r *repository) storeFiles(ctx context.Context, paths []string) ([]string, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	return r.hash(ctx, len(paths), strings.Join(paths, "\n")+"\n")
}

func (r *repository) hash(ctx context.Context, n int, names string, options ...string) ([]string, error) {
	out, err := r.git(ctx, names, append([]string{"hash-object", "-w", "--stdin-paths"}, options...)...)
	if err != nil {
		return nil, err
	}
	ids := strings.Fields(out)
	if len(ids) != n {
		return nil, fmt.Errorf("git hash-object: %d ids for %d files", len(ids), n)
	}
	return ids, nil
}

// setIndex replaces all index entries of the given paths.
func (r *repository) setIndex(ctx context.Context, entries map[string][]entry) error {
	none := strings.Repeat("0", 40)
	if !r.sha1 {
		none = strings.Repeat("0", 64)
	}
	var in strings.Builder
	for _, path := range slices.Sorted(maps.Keys(entries)) {
		fmt.Fprintf(&in, "0 %s\t%s\x00", none, r.prefix+path)
		for _, e := range entries[path] {
			fmt.Fprintf(&in, "%s %s %d\t%s\x00", e.Mode, e.ID, e.Stage, r.prefix+path)
		}
	}
	if in.Len() == 0 {
		return nil
	}
	_, err := r.git(ctx, in.String(), "update-index", "-z", "--index-info")
	return err
}

// repositoryAbove finds dir or its nearest parent that contains .git. It returns the path from there to dir.
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
