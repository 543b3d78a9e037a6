package apply

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"

	"github.com/spf13/afero"

	"dockerflow/generator/tree"
)

// A new folder is written to a stage next to its final path. The writer holds a lock on the stage while it runs. This
// lets a later run detect and remove an abandoned stage.

var stageName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\.dockerflow-[A-Z2-7]{10}$`) })

// makeStage creates a stage, and locks it if the file system has locks. Close the lock when the stage is gone.
func makeStage(dir tree.Dir) (name string, lock io.Closer, err error) {
	for range 10 {
		name = ".dockerflow-" + rand.Text()[:10]
		if err := dir.Mkdir(name, 0o755); err != nil {
			return "", nil, err
		}
		lock, err = lockStage(dir, name)
		switch {
		case err == nil:
			return name, lock, nil
		case !errors.Is(err, errSwept):
			return "", nil, errors.Join(err, dir.RemoveAll(name))
		}
	}
	return "", nil, fmt.Errorf("%s: %w", name, err)
}

// errSwept is returned if another run removed a new stage before it was locked, because it looked abandoned.
var errSwept = errors.New("another dockerflow process removed it")

func lockStage(dir tree.Dir, name string) (io.Closer, error) {
	if !tree.HasLocks { // on that system, an open folder cannot be renamed
		return io.NopCloser(nil), nil
	}
	f, err := dir.OpenFile(name, os.O_RDONLY, 0)
	if err == nil {
		if err = checkStage(dir, name, f); err == nil {
			return f, nil
		}
		f.Close()
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = errSwept
	}
	return nil, err
}

func checkStage(dir tree.Dir, name string, f afero.File) error {
	if free, err := tree.TryLock(f); err == nil && !free {
		return errSwept
	} // after any other error there is no lock, and other runs have none either
	opened, err := f.Stat()
	if err != nil {
		return err
	}
	now, err := dir.Lstat(name)
	if err == nil && tree.Identity(opened) != tree.Identity(now) {
		err = errSwept
	}
	return err
}

// Sweeper removes the stages of runs that were killed. It searches each folder once.
type Sweeper struct {
	FS   tree.FS
	seen sync.Map
}

// Sweep searches the folder where the stage of dir would be. It returns the paths that it removed.
func (s *Sweeper) Sweep(dir string) (removed []string, err error) {
	p := &Plan{Dir: filepath.Clean(dir)}
	if err := p.locate(s.FS); err != nil || p.exists {
		return nil, nil //nolint:nilerr // whoever plans says what is wrong
	}
	if _, seen := s.seen.LoadOrStore(p.base, true); seen {
		return nil, nil
	}
	base, err := s.FS.Within(p.base)
	if err != nil {
		return nil, err
	}
	defer base.Close()
	names, err := stagesIn(base)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.base, err)
	}
	for _, name := range names {
		gone, err := sweep(base, name)
		if gone {
			removed = append(removed, filepath.Join(p.base, name))
		}
		if err != nil {
			return removed, fmt.Errorf("%s: %w", filepath.Join(p.base, name), err)
		}
	}
	return removed, nil
}

// stagesIn lists the possible stages in a folder, which may be large.
func stagesIn(base tree.Dir) (stages []string, err error) {
	const most = 100_000
	f, err := base.OpenFile(".", os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	names, err := f.Readdirnames(most)
	for _, name := range names {
		if stageName().MatchString(name) {
			stages = append(stages, name)
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return stages, err
}

// sweep removes a stage that belongs to the user and that nobody has locked.
func sweep(base tree.Dir, name string) (bool, error) {
	info, err := base.Lstat(name)
	if err != nil || !info.IsDir() || !tree.IsOwn(info) {
		return false, nil //nolint:nilerr // it has gone, or is no stage
	}
	f, err := base.OpenFile(name, os.O_RDONLY, 0)
	if err != nil {
		return false, nil //nolint:nilerr // the same
	}
	defer f.Close()
	if !isLeft(f) {
		return false, nil
	}
	if err := base.RemoveAll(name); err != nil {
		return false, err
	}
	return true, nil
}

// isLeft locks a stage, and reports whether it succeeded. Without locks it is unknown whether a stage is in use.
func isLeft(f afero.File) bool { return tree.Flock(f) == nil }
