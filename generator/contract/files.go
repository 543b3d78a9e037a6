package contract

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"

	"dockerflow/generator/budget"
	"dockerflow/generator/contract/dockerfile"
)

// MaxFile is the maximum size of a file that is read.
const MaxFile = 1 << 20

// Limits on what is read of a repository. No configuration is as long, and no service has source in deeper folders.
const (
	maxEntries = 20_000
	maxFolders = 50 // in each other
	maxLinks   = 20
)

var errLeads = errors.New("a symbolic link that leads out of the repository")

// resolve follows symbolic links within the repository and returns the target's path. It opens nothing, so a pipe cannot
// block it, and it refuses links that lead out of the repository even if the file system would follow them.
func (r *repo) resolve(name string) (string, fs.FileInfo, error) {
	var info fs.FileInfo
	done, rest := ".", strings.Split(name, "/")
	depth := 0
	for links := 0; len(rest) > 0; {
		if rest[0] == ".." {
			if done == "." {
				return "", nil, errLeads
			}
			done, rest = path.Dir(done), rest[1:]
			continue
		}
		next := path.Join(done, rest[0])
		depth++
		r.budget.Steps(stepsOfFolder * depth)
		var err error
		if info, err = fs.Lstat(r.files, next); err != nil {
			return "", nil, err
		}
		rest = rest[1:]
		if info.Mode()&fs.ModeSymlink == 0 {
			done = next
			continue
		}
		target, err := fs.ReadLink(r.files, next)
		if err != nil {
			return "", nil, err
		}
		if links++; links > maxLinks {
			return "", nil, errors.New("too many symbolic links")
		}
		if target = strings.ReplaceAll(target, `\`, "/"); path.IsAbs(target) || strings.Contains(target, ":") {
			return "", nil, errLeads
		}
		rest = append(strings.Split(target, "/"), rest...)
	}
	if info == nil || done == "." {
		return ".", info, errors.New("not a file")
	}
	info, err := fs.Lstat(r.files, done) // the last step may have been ..
	return done, info, err
}

// read returns a text file of at most MaxFile bytes, without its byte order mark.
func (r *repo) read(name string) ([]byte, error) {
	if !fs.ValidPath(name) {
		return nil, fs.ErrNotExist
	}
	r.budget.Steps(stepsOfFile)
	name, info, err := r.resolve(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	f, err := r.files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, MaxFile+1))
	if err != nil {
		return nil, err
	}
	r.budget.Steps(len(data) / budget.BytesOfStep)
	if len(data) > MaxFile {
		return nil, fmt.Errorf("longer than %d bytes", MaxFile)
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, errors.New("not a text file")
	}
	return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), nil
}

// has reports whether the repository has such a file.
func (r *repo) has(name string) bool {
	if !fs.ValidPath(name) {
		return false
	}
	r.budget.Steps(stepsOfFile)
	_, info, err := r.resolve(name)
	return err == nil && info.Mode().IsRegular()
}

// skipped lists folders that tools fill. They contain no source of the project and can be huge.
var skipped = []string{".git", ".hg", ".svn", "node_modules", ".venv", "venv", "__pycache__", ".tox", ".nox", ".mypy_cache", ".pnpm-store"}

// tree lists the repository's files without the folders that tools fill. It reports whether the list is complete: a tree
// that is too large is cut.
func (r *repo) tree() (names []string, whole bool) {
	if r.listed != nil {
		return r.listed, !r.cut
	}
	w := listing{repo: r, names: []string{}}
	w.folder(".", 0)
	r.listed, r.cut = w.names, w.cut
	return r.listed, !r.cut
}

// listing is a tree that is being listed.
type listing struct {
	*repo
	names   []string
	entries int
	cut     bool
}

func (w *listing) folder(dir string, depth int) {
	list, whole := readDir(w.files, dir, maxEntries-w.entries)
	w.cut = w.cut || !whole
	w.entries += len(list)
	for _, e := range list {
		w.budget.Steps(stepsOfEntry)
		switch {
		case !e.IsDir():
			w.names = append(w.names, path.Join(dir, e.Name()))
		case slices.Contains(skipped, e.Name()):
		case depth == maxFolders:
			w.cut = true
		default:
			w.folder(path.Join(dir, e.Name()), depth+1)
		}
	}
}

// readDir lists a folder in order. If it has more entries than the limit, readDir returns some of them in bounded
// memory. An unreadable folder has no entries, and gets into no image.
func readDir(files fs.FS, dir string, most int) (list []fs.DirEntry, whole bool) {
	f, err := files.Open(dir)
	if err != nil {
		return nil, true
	}
	defer f.Close()
	folder, ok := f.(fs.ReadDirFile)
	if !ok {
		return nil, true
	}
	for err == nil && len(list) <= most {
		var more []fs.DirEntry
		more, err = folder.ReadDir(most + 1 - len(list))
		list = append(list, more...)
	}
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return list[:min(len(list), most)], len(list) <= most
}

// in returns the files of the tree that are in a folder, or are the file itself.
func (r *repo) in(folder string) []string {
	all, _ := r.tree()
	if folder == "." {
		folder = ""
	}
	return inFolder(all, folder)
}

// inFolder returns the files of the tree that are in a folder, or are the file itself. They are adjacent, because the
// tree is listed folder by folder.
func inFolder(files []string, folder string) []string {
	if folder == "" {
		return files
	}
	from, _ := slices.BinarySearchFunc(files, folder, inTree)
	files = files[from:]
	return files[:sort.Search(len(files), func(i int) bool { return !dockerfile.Within(files[i], folder) })]
}

// inTree compares paths by their folders, as a tree is listed.
func inTree(a, b string) int {
	for i := range min(len(a), len(b)) {
		switch {
		case a[i] == b[i]:
		case a[i] == '/':
			return -1
		case b[i] == '/':
			return 1
		default:
			return cmp.Compare(a[i], b[i])
		}
	}
	return cmp.Compare(len(a), len(b))
}
