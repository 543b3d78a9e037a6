package source

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	gitcommand "dockerflow/generator/git"
)

// wanted is a ref on the server, and the name of our ref that keeps it. Our name is a hash, because the server's names
// could be each other's folders or differ only in case.
type wanted struct {
	remote, local string
	known         string // where it is if it was fetched before
	fixed         bool   // it does not move, so it is not fetched again
}

func want(remote string, fixed bool) wanted {
	sum := sha256.Sum256([]byte(remote))
	local := "refs/dockerflow/" + hex.EncodeToString(sum[:20])
	return wanted{remote, local, local, fixed}
}

func (s Source) wants() []wanted {
	switch {
	case s.Ref == "":
		return []wanted{want("HEAD", false)}
	case isID(s.Ref):
		w := want(s.Ref, true)
		return []wanted{{w.remote, w.local, s.Ref, true}} // it may exist under another name
	}
	return []wanted{want("refs/tags/"+s.Ref, true), want("refs/heads/"+s.Ref, false)}
}

// find returns the commit that the source means.
func (r repository) find(ctx context.Context) (string, error) {
	for _, w := range r.wants() {
		if w.fixed || r.offline {
			if commit, err := r.resolve(ctx, w.known); commit != "" || err != nil {
				return commit, err
			}
		}
	}
	if r.offline {
		return "", errAway
	}
	if r.note != nil {
		r.note("fetching " + r.Source.String())
	}
	for _, w := range r.wants() {
		err := r.fetch(ctx, w)
		if errors.Is(err, errNoRef) {
			continue
		}
		if err != nil {
			return "", err
		}
		commit, err := r.resolve(ctx, w.local)
		if err == nil && commit == "" {
			err = fmt.Errorf("%s is not a commit, and does not point to one", r.Ref)
		}
		return commit, err
	}
	return "", r.noRef(ctx)
}

// resolve returns the commit that one of our refs points to, through tags, or "".
func (r repository) resolve(ctx context.Context, ref string) (string, error) {
	var commit strings.Builder
	err := r.run(ctx, func(out io.Reader) error {
		_, err := io.Copy(&commit, io.LimitReader(out, 100))
		return err
	}, "", "rev-parse", "--verify", "--quiet", ref+"^{commit}")
	var failed *gitcommand.Error
	if errors.As(err, &failed) && failed.Code == 1 {
		return "", nil
	}
	return strings.TrimSpace(commit.String()), err
}

// fetch fetches one ref without history, within the limits of time and size.
func (r repository) fetch(ctx context.Context, w wanted) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	most := r.most + size(r.dir)
	go func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			if size(r.dir) > most {
				cancel(errFetched)
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
			}
		}
	}()
	err := r.run(ctx, nil, "", "fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head",
		"--no-auto-maintenance", "--no-prune", "--end-of-options", r.Place, "+"+w.remote+":"+w.local)
	if size(r.dir) > most || errors.Is(context.Cause(ctx), errFetched) {
		os.RemoveAll(r.dir)
		return fmt.Errorf("%w %d MiB, without its history", errFetched, r.most>>20)
	}
	return err
}

var errFetched = errors.New("want a repository of at most")

// noRef explains a missing ref.
func (r repository) noRef(ctx context.Context) error {
	switch {
	case r.Ref == "":
		return errors.New("the repository has no commit, or this is not a repository")
	case isID(r.Ref):
		return errNoCommit
	case len(r.Ref) >= 7 && isHex(r.Ref):
		return fmt.Errorf("there is no tag or branch %s; a commit id needs all 40 digits", r.Ref)
	}
	var tags []string
	err := r.run(ctx, func(out io.Reader) error {
		lines := bufio.NewScanner(io.LimitReader(out, maxText))
		for len(tags) < 5 && lines.Scan() {
			if _, tag, _ := strings.Cut(lines.Text(), "\trefs/tags/"); tag != "" && !strings.ContainsFunc(tag, unprintable) {
				tags = append(tags, shorten(tag))
			}
		}
		_, err := io.Copy(io.Discard, io.LimitReader(out, maxFile))
		return err
	}, "", "ls-remote", "--quiet", "--tags", "--refs", "--sort=-version:refname", "--end-of-options", r.Place)
	if err != nil || len(tags) == 0 {
		return fmt.Errorf("there is no tag or branch %s", r.Ref)
	}
	return fmt.Errorf("there is no tag or branch %s; the latest tags are %s", r.Ref, strings.Join(tags, ", "))
}

// size returns the size of a folder, in bytes.
func size(dir string) (sum int64) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if info, err := d.Info(); err == nil {
				sum += info.Size()
			}
		}
		return nil // git creates and removes files in the meantime
	})
	return sum
}
