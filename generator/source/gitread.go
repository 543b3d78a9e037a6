package source

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
)

// blob is a file in a commit.
type blob struct {
	path, id string
	size     int64
}

// errBroken is returned for output that an intact git repository cannot cause.
var errBroken = errors.New("the git repository in the cache is damaged")

// read reads the template in a commit.
func (r repository) read(ctx context.Context, commit string) (*gitTree, error) {
	t := &gitTree{}
	blobs, err := r.list(ctx, commit, t)
	if err != nil || len(blobs) == 0 {
		return t, err
	}
	var ids strings.Builder
	for _, b := range blobs {
		ids.WriteString(b.id + "\n")
	}
	t.size = 0
	return t, r.run(ctx, func(out io.Reader) error {
		buffered := bufio.NewReader(out)
		for _, b := range blobs {
			head, err := buffered.ReadString('\n')
			if err != nil || head != fmt.Sprintf("%s blob %d\n", b.id, b.size) {
				return errBroken
			}
			data := make([]byte, b.size+1)
			if _, err := io.ReadFull(buffered, data); err != nil {
				return errBroken
			}
			if err := t.add(b.path, data[:b.size]); err != nil {
				return err
			}
		}
		return nil
	}, ids.String(), "cat-file", "--batch", "--buffer")
}

// list lists and checks the files of the template in a commit. It also counts folders: a small repository can contain
// any number of them.
func (r repository) list(ctx context.Context, commit string, t *gitTree) ([]blob, error) {
	base := ""
	if r.Sub != "" {
		base = r.Sub + "/"
	}
	var blobs []blob
	err := r.run(ctx, func(out io.Reader) error {
		entries := bufio.NewScanner(out)
		entries.Split(untilNUL)
		for entries.Scan() {
			if err := t.count(); err != nil {
				return err
			}
			b, mode, err := parseEntry(entries.Text())
			if err != nil {
				return err
			}
			var ok bool
			if b.path, ok = strings.CutPrefix(b.path, base); !ok || mode.IsDir() && b.path != manifest {
				continue // a folder above the template, or one in it
			}
			if mode == fs.ModeIrregular {
				return fmt.Errorf("%q is a submodule: want regular files only", b.path)
			}
			if err := t.judge(b.path, mode, b.size); err != nil {
				return err
			}
			t.size += b.size
			blobs = append(blobs, b)
		}
		if entries.Err() != nil {
			return errors.New("a path is too long")
		}
		return nil
	}, "", "ls-tree", "-r", "-t", "-z", "-l", "--full-tree", commit, base+manifest, base+"files", base+"parts")
	return blobs, err
}

// parseEntry parses MODE TYPE ID SIZE, a tab and a path.
func parseEntry(s string) (blob, fs.FileMode, error) {
	info, path, _ := strings.Cut(s, "\t")
	f := strings.Fields(info)
	if len(f) != 4 {
		return blob{}, 0, errBroken
	}
	b := blob{path: path, id: f[2]}
	switch {
	case f[0] == "120000":
		return b, fs.ModeSymlink, nil
	case f[1] == "commit": // a submodule
		return b, fs.ModeIrregular, nil
	case f[1] == "tree":
		return b, fs.ModeDir, nil
	}
	var err error
	if b.size, err = strconv.ParseInt(f[3], 10, 64); err != nil || f[1] != "blob" {
		return blob{}, 0, errBroken
	}
	return b, 0, nil
}

func untilNUL(data []byte, atEOF bool) (int, []byte, error) {
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return i + 1, data[:i], nil
	}
	if atEOF && len(data) > 0 {
		return 0, nil, errBroken
	}
	return 0, nil, nil
}
