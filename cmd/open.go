package cmd

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"dockerflow/generator/failure"
	"dockerflow/generator/phrase"
	"dockerflow/generator/project"
	"dockerflow/generator/tree"
)

// inFolder adapts run to cobra: dir is the argument DIR, or the current folder.
func inFolder(run func(ctx context.Context, dir string) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		dir := "."
		if len(args) > 0 {
			dir = args[0]
		}
		if dir == "" {
			return failure.New("leave it out for the current folder", "DIR is empty")
		}
		return run(c.Context(), dir)
	}
}

// openProject opens the project in dir.
func openProject(ctx context.Context, env Env, dir string) (*project.Project, error) {
	p, err := project.Open(ctx, env.FS, env.Git, dir, env.note)
	if errors.Is(err, project.ErrNoFolder) {
		return nil, failure.New("dockerflow new "+phrase.Folder(filepath.Clean(dir))+" creates a new one", "%w", err)
	}
	return p, err
}

// loadRecord reads the project's record, and fails if there is none.
func loadRecord(p *project.Project) error {
	err := p.Load()
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, project.ErrNoRecord):
		return failure.New("dockerflow adopt "+phrase.Folder(p.Dir)+" creates one", "%s has no record of a template in %s", p.Dir, tree.RecordFile)
	case err != nil:
		return failure.New("", "%w", err)
	}
	return nil
}
