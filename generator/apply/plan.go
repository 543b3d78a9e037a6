// Package apply writes files into a folder: all of them or none. It can roll back and recover after an interruption.
package apply

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"dockerflow/generator/merge"
	"dockerflow/generator/tree"
)

// Change is what a plan does at one path.
type Change struct {
	Path   string
	Action merge.Action
	File   tree.File
	Old    []byte     // the existing file, if it is regular and not too large
	Why    string     // the reason for the conflict
	fixed  bool       // the conflict is not about content, so the path cannot be overwritten
	seen   *tree.File // the existing file, if it can be overwritten
}

// Plan describes how a tree is written into a folder. A preview and a run use the same plan.
type Plan struct {
	Dir     string
	Changes []Change // sorted by path

	exists bool   // whether Dir exists
	base   string // Dir, or its nearest parent that exists
	rest   string // path from base to Dir
}

// Conflicts returns the changes that block the plan.
func (p *Plan) Conflicts() (found []Change) {
	for i := range p.Changes {
		if p.Changes[i].Action == merge.Conflict {
			found = append(found, p.Changes[i])
		}
	}
	return found
}

// Decide turns each conflict into Skip or Overwrite. A path that is not a regular file cannot be overwritten, and
// stays a conflict.
func (p *Plan) Decide(a merge.Action) {
	for i := range p.Changes {
		if c := &p.Changes[i]; c.Action == merge.Conflict && (a == merge.Skip || !c.fixed) {
			c.Action = a
		}
	}
}

// Tree returns the files of the project after the plan was applied, without those that were skipped.
func (p *Plan) Tree() tree.Tree {
	tree := make(tree.Tree, len(p.Changes))
	for _, c := range p.Changes {
		if c.Action != merge.Skip {
			tree[c.Path] = c.File
		}
	}
	return tree
}

// Skipped returns the paths that the plan leaves alone because the user has other files there.
func (p *Plan) Skipped() tree.Tree {
	tree := tree.Tree{}
	for _, c := range p.Changes {
		if c.Action == merge.Skip {
			tree[c.Path] = c.File
		}
	}
	return tree
}

// NewPlan compares tree with the contents of dir. It writes nothing.
func NewPlan(fsys tree.FS, dir string, tree tree.Tree) (*Plan, error) {
	p := &Plan{Dir: filepath.Clean(dir)}
	if err := p.locate(fsys); err != nil {
		return nil, err
	}
	return p, p.Add(fsys, tree)
}

// locate finds out which part of the plan's folder exists.
func (p *Plan) locate(fsys tree.FS) error {
	info, err := fsys.Lstat(p.Dir)
	switch {
	case err == nil && info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("%s is a symbolic link: use the path of the folder that it points to", p.Dir)
	case err == nil && !info.IsDir():
		return fmt.Errorf("%s is not a folder", p.Dir)
	case err == nil:
		p.exists, p.base = true, p.Dir
		return nil
	case !tree.Absent(err):
		return err
	}
	for p.base, p.rest = split(p.Dir); ; {
		info, err := fsys.Stat(p.base)
		switch {
		case err == nil && !info.IsDir():
			return fmt.Errorf("%s is not a folder", p.base)
		case err == nil:
			return nil
		case !tree.Absent(err):
			return err
		}
		if info, lerr := fsys.Lstat(p.base); lerr == nil {
			if info.Mode()&fs.ModeSymlink != 0 {
				return fmt.Errorf("%s is a symbolic link to a path that does not exist", p.base)
			}
			continue // it was created in the meantime
		}
		base, name := split(p.base)
		if base == p.base {
			return err
		}
		p.base, p.rest = base, filepath.Join(name, p.rest)
	}
}

func split(name string) (dir, base string) { return filepath.Dir(name), filepath.Base(name) }

// Add adds files to the plan.
func (p *Plan) Add(fsys tree.FS, files tree.Tree) error {
	var dir tree.Dir
	if p.exists {
		var err error
		if dir, err = fsys.Within(p.Dir); err != nil {
			return err
		}
		defer dir.Close()
	}
	p.Changes = slices.Grow(p.Changes, len(files))
	for _, path := range slices.Sorted(maps.Keys(files)) {
		c := Change{Path: path, Action: merge.Create, File: files[path]}
		if p.exists {
			if err := c.compare(dir); err != nil {
				return fmt.Errorf("%s: %w", filepath.Join(p.Dir, path), err)
			}
		}
		p.Changes = append(p.Changes, c)
	}
	slices.SortFunc(p.Changes, func(a, b Change) int { return strings.Compare(a.Path, b.Path) })
	return nil
}

func (c *Change) clash(why string, fixed bool) { c.Action, c.Why, c.fixed = merge.Conflict, why, fixed }

// compare checks what exists at a path.
func (c *Change) compare(dir tree.Dir) error {
	info, err := dir.Lstat(c.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, fs.ErrPermission):
		return err
	case err != nil: // a file in place of a parent folder, or a link that leads out
		c.clash("its parent folder cannot be used", true)
		return nil
	case info.IsDir():
		c.clash("is a folder", true)
		return nil
	case !info.Mode().IsRegular():
		c.clash("is not a regular file", true)
		return nil
	case info.Size() > tree.MaxRead:
		c.clash("is too large to replace", true)
		return nil
	}
	now, err := tree.ReadFile(dir, c.Path)
	if err != nil {
		return err
	}
	if len(now.Data) <= maxOld {
		c.Old = now.Data
	}
	switch {
	case !bytes.Equal(now.Data, c.File.Data):
		c.clash("has different content", false)
	case tree.CanExecute(now.Mode) != tree.CanExecute(c.File.Mode):
		c.clash("has the same content but another mode", false)
	default:
		c.Action = merge.Identical
		return nil
	}
	c.seen = &now
	return nil
}

// maxOld limits the existing files that can be shown as a difference.
const maxOld = 1 << 20
