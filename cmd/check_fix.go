package cmd

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"dockerflow/cmd/report"
	"dockerflow/generator/apply"
	"dockerflow/generator/contract"
	"dockerflow/generator/contract/fix"
	"dockerflow/generator/failure"
	"dockerflow/generator/git"
	"dockerflow/generator/merge"
	"dockerflow/generator/tree"
)

// applyFixes finds the safe fixes and, without --dry-run, writes them: all files or none.
func (o *checkOptions) applyFixes(ctx context.Context, c *checked, files fs.FS) error {
	m := fix.Find(ctx, files, contract.Options{Dockerfile: o.file}, o.address(ctx, files))
	if ctx.Err() != nil {
		return errChecking // do not apply only some of the fixes
	}
	c.Fixes = m.Fixes
	if m.Unfinished != "" {
		c.Notes = append(c.Notes, m.Unfinished)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		old, err := readRegular(files, name)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		c.Changes = append(c.Changes, report.FileChange{Path: name, Old: old, New: m.Files[name]})
	}
	if o.dryRun || len(c.Changes) == 0 {
		return nil
	}
	all := tree.Tree{}
	for _, change := range c.Changes {
		mode := fs.FileMode(0o644)
		if info, err := fs.Stat(files, change.Path); err == nil {
			mode = info.Mode().Perm()
		}
		all[change.Path] = tree.File{Mode: mode, Data: change.New}
	}
	if err := o.write(ctx, c, all); err != nil {
		return err
	}
	c.Fixed = true
	return nil
}

func (o *checkOptions) write(ctx context.Context, c *checked, tree tree.Tree) error {
	const hint = "--fix --dry-run shows what would be written"
	plan, err := apply.NewPlan(o.env.FS, o.dir, tree)
	if err != nil {
		return failure.New(hint, "%w", err)
	}
	for i, change := range plan.Changes {
		if !bytes.Equal(change.Old, c.Changes[i].Old) {
			return failure.New("run the command again", "%s changed in the meantime", filepath.Join(o.dir, change.Path))
		}
	}
	plan.Decide(merge.Overwrite)
	for _, change := range plan.Conflicts() { // such as a symbolic link, which must not be replaced
		return failure.New(hint, "%s %s: it cannot be fixed", filepath.Join(o.dir, change.Path), change.Why)
	}
	if err := plan.Apply(ctx, o.env.FS); err != nil {
		return applyError(ctx, o.dir, err)
	}
	return nil
}

// fixable returns the number of fixes that --fix could apply.
func fixable(ctx context.Context, files fs.FS, with contract.Options, results []contract.Result) int {
	for _, r := range results {
		if r.Status == contract.Fail {
			return len(fix.FindKnown(ctx, files, with, "", results).Fixes)
		}
	}
	return 0
}

var githubRemote = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:https://(?:[^/@]*@)?|git@|ssh://git@)github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?$`)
})

// address returns the repository's GitHub URL for a new version.json, or "".
func (o *checkOptions) address(ctx context.Context, files fs.FS) string {
	if _, err := fs.Stat(files, "version.json"); err == nil || o.env.Git == nil {
		return ""
	}
	out, err := o.env.Git(ctx, git.Command{Dir: o.dir, Args: []string{"config", "--get", "remote.origin.url"}})
	if err != nil {
		return ""
	}
	m := githubRemote().FindStringSubmatch(strings.TrimSpace(out))
	if m == nil {
		return ""
	}
	return "https://github.com/" + m[1]
}
