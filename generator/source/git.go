package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	gitcommand "dockerflow/generator/git"
)

const (
	maxFetched = 256 << 20 // bytes that one fetch may add to a repository
	patience   = 5 * time.Minute
)

// git reads repositories, each through a bare repository in the cache. It checks nothing out, so no filter, hook or
// attribute takes effect.
type git struct {
	program  string
	cache    string
	terminal bool
	offline  bool
	note     func(string)
	environ  []string
	most     int64 // bytes that one fetch may add
	patience time.Duration
}

func (r Reader) git() git {
	return git{"git", r.Cache, r.Terminal, r.Offline, r.Note, os.Environ(), maxFetched, patience}
}

func (g git) open(ctx context.Context, s Source) (Found, error) {
	if g.cache == "" {
		return Found{}, errors.New("there is no cache folder for git repositories: use a folder or an archive")
	}
	if !gitcommand.Installed(g.program) {
		return Found{}, errors.New("git not found: install it, or use a folder or an archive")
	}
	cache, err := filepath.Abs(filepath.Join(g.cache, "git"))
	if err != nil {
		return Found{}, err
	}
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return Found{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, g.patience, fmt.Errorf("git took longer than %v", g.patience))
	defer cancel()
	sum := sha256.Sum256([]byte(s.Place))
	dir := filepath.Join(cache, hex.EncodeToString(sum[:20]))
	found, err := g.openAs(ctx, s, dir)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	return found, err
}

// openAs opens a repository that uses the given kind of object ids. Only the server knows the kind.
func (g git) openAs(ctx context.Context, s Source, dir string) (found Found, err error) {
	kinds := []repository{{g, s, dir, "sha1"}, {g, s, dir + "-sha256", "sha256"}}
	if _, err := os.Stat(kinds[1].dir); isID(s.Ref) && len(s.Ref) == 64 || err == nil {
		kinds[0], kinds[1] = kinds[1], kinds[0]
	}
	for _, r := range kinds {
		if found, err = r.open(ctx); !errors.Is(err, errOtherIDs) {
			break
		}
		os.RemoveAll(r.dir)
	}
	return found, err
}

// repository is a bare repository in the cache.
type repository struct {
	git
	Source
	dir string
	ids string // sha1 or sha256
}

// open reads the template while it holds the lock of the repository. A damaged repository is created again, once.
func (r repository) open(ctx context.Context) (Found, error) {
	unlock, err := lock(ctx, r.dir+".lock")
	if err != nil {
		return Found{}, err
	}
	defer unlock()
	_, err = os.Stat(r.dir)
	old := err == nil
	found, err := r.try(ctx)
	var unexplained *gitcommand.Error
	if old && (errors.As(err, &unexplained) || errors.Is(err, errBroken)) && ctx.Err() == nil {
		if err := os.RemoveAll(r.dir); err != nil {
			return Found{}, err
		}
		found, err = r.try(ctx)
	}
	return found, err
}

func (r repository) try(ctx context.Context) (Found, error) {
	if err := r.prepare(ctx); err != nil {
		return Found{}, err
	}
	commit, err := r.find(ctx)
	if err != nil {
		return Found{}, err
	}
	t, err := r.read(ctx, commit)
	if err != nil {
		return Found{}, err
	}
	files, err := t.fs()
	return Found{files, commit}, err
}

// prepare creates the repository, and removes what a killed fetch has left.
func (r repository) prepare(ctx context.Context) error {
	if _, err := os.Stat(filepath.Join(r.dir, "HEAD")); !errors.Is(err, fs.ErrNotExist) {
		left, _ := filepath.Glob(filepath.Join(r.dir, "objects", "pack", "tmp_*"))
		for _, name := range left {
			os.Remove(name)
		}
		if err != nil {
			return fmt.Errorf("%w: %w", errBroken, err)
		}
		return nil
	}
	return r.run(ctx, nil, "", "init", "--quiet", "--bare", "--template=", "--object-format="+r.ids, r.dir)
}
