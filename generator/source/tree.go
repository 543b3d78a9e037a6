package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"

	"golang.org/x/tools/txtar"

	"dockerflow/generator/tree"
)

// The limits of a source.
const (
	maxFiles = tree.MaxFiles // files and folders
	maxFile  = tree.MaxFile
	maxText  = tree.MaxText
	maxTree  = tree.MaxTree

	// The limits of a path, which is longer than the path it generates.
	maxPath     = tree.MaxPath + len("files/") + len(".tmpl")
	maxElements = tree.MaxElements + 1
)

// manifest is the file that every template has.
const manifest = "template.yaml"

// gitTree collects the files of a source. Each file is checked by its size before it is read.
type gitTree struct {
	files   []txtar.File
	folded  map[string]string // path in lower case -> path, including folders
	entries int
	size    int64
}

// kept reports whether a path is part of a template, or is in place of one of its folders.
func kept(p string) bool {
	top, _, _ := strings.Cut(p, "/")
	return p == manifest || top == "files" || top == "parts"
}

// count counts one more file or folder.
func (t *gitTree) count() error {
	if t.entries++; t.entries > maxFiles {
		return fmt.Errorf("want at most %d files and folders", maxFiles)
	}
	return nil
}

// judge refuses files that must not be read: p is a file of the template.
func (t *gitTree) judge(p string, mode fs.FileMode, size int64) error {
	limit := int64(maxFile)
	if p == manifest || strings.HasPrefix(p, "parts/") || strings.HasSuffix(p, ".tmpl") {
		limit = maxText
	}
	switch {
	case mode.Type() != 0:
		return fmt.Errorf("%q is %s: want regular files only", p, kindOf(mode))
	case p == "files" || p == "parts":
		return fmt.Errorf("%s is not a folder", p)
	case size < 0 || size > limit:
		return fmt.Errorf("%q: want at most %d MiB", p, limit>>20)
	case t.size+size > maxTree:
		return errTooLarge
	}
	if err := checkPath(p); err != nil {
		return fmt.Errorf("path %q: %w", p, err)
	}
	return nil
}

var errTooLarge = fmt.Errorf("want at most %d MiB in all", maxTree>>20)

// read adds a file after judge accepted it.
func (t *gitTree) read(p string, size int64, r io.Reader) error {
	data, err := readFile(p, size, r)
	if err != nil {
		return err
	}
	return t.add(p, data)
}

// readFile reads a file of a known size, and never more.
func readFile(p string, size int64, r io.Reader) ([]byte, error) {
	data := make([]byte, size)
	n, err := io.ReadFull(r, data)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	if err == nil && int64(n) == size {
		var more [1]byte
		n, err = io.ReadFull(r, more[:]) // the end of the file, where a checksum is compared
		if n == 0 && errors.Is(err, io.EOF) {
			return data, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%q: %w", p, err)
	}
	return nil, fmt.Errorf("%q does not have its declared size", p)
}

// add keeps a file, and refuses a duplicate.
func (t *gitTree) add(p string, data []byte) error {
	t.size += int64(len(data))
	t.files = append(t.files, txtar.File{Name: p, Data: data})
	if t.folded == nil {
		t.folded = map[string]string{}
	}
	for i := range len(p) + 1 {
		if i < len(p) && p[i] != '/' {
			continue
		}
		part := p[:i]
		key := strings.ToLower(strings.ToUpper(part)) // several small letters can share one capital letter
		other, ok := t.folded[key]
		switch {
		case ok && strings.TrimSuffix(other, "/") != part:
			return fmt.Errorf("path %q: differs from %q only in case", part, strings.TrimSuffix(other, "/"))
		case ok && (i == len(p) || other == part):
			return fmt.Errorf("path %q occurs twice", part)
		case i < len(p):
			part += "/"
		}
		t.folded[key] = part
	}
	return nil
}

// fs returns the template, or an error if there is none.
func (t *gitTree) fs() (fs.FS, error) {
	if _, ok := t.folded[manifest]; !ok {
		return nil, fmt.Errorf("no template found: want a %s there, or a //SUBFOLDER that has one", manifest)
	}
	return txtar.FS(&txtar.Archive{Files: t.files})
}

// checkPath refuses a path that a template cannot have.
func checkPath(p string) error { return checkLength(p, maxPath, maxElements) }

func checkLength(p string, bytes, elements int) error {
	switch {
	case !fs.ValidPath(p) || p == "." || !utf8.ValidString(p):
		return errors.New("want a relative UTF-8 path without empty, . or .. elements")
	case strings.ContainsFunc(p, unprintable) || strings.Contains(p, `\`):
		return errors.New("want no control character and no backslash")
	case len(p) > bytes:
		return fmt.Errorf("want at most %d bytes", bytes)
	case strings.Count(p, "/") >= elements:
		return fmt.Errorf("want at most %d elements", elements)
	}
	return nil
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeSymlink != 0:
		return "a link"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	case mode.IsDir():
		return "a folder"
	}
	return "a special file"
}

// shorten shortens an untrusted text before it is shown.
func shorten(s string) string {
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "…"
	}
	return s
}
