package source

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"golang.org/x/tools/txtar"
)

// maxArchive bounds an archive's file, in bytes.
const maxArchive = 128 << 20

// readArchive reads the template in an archive. What it is, its first bytes tell.
func (r Reader) readArchive(ctx context.Context, s Source) (*gitTree, error) {
	switch info, err := r.FS.Stat(s.Place); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("there is no such archive")
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("it is a folder with the name of an archive: write a slash and the name of a folder in it, or rename it")
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("it is %s: want a regular file", kindOf(info.Mode()))
	}
	f, info, err := openFile(r.FS, s.Place)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info.Size() > maxArchive {
		return nil, fmt.Errorf("want an archive of at most %d MiB", maxArchive>>20)
	}
	return unpack(ctx, f, info.Size(), s.Sub)
}

// unpack reads the template in sub of an archive, or in the only folder at its top.
func unpack(ctx context.Context, f io.ReaderAt, size int64, sub string) (*gitTree, error) {
	a := &archive{sub: sub}
	start := make([]byte, 4)
	n, err := f.ReadAt(start, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	whole := io.NewSectionReader(f, 0, size)
	switch start := string(start[:n]); {
	case strings.HasPrefix(start, "PK"):
		err = a.readZip(ctx, f, size)
	case strings.HasPrefix(start, "\x1f\x8b"):
		var z *gzip.Reader
		if z, err = gzip.NewReader(bufio.NewReader(whole)); err == nil {
			err = a.readTar(ctx, z)
		}
	default:
		err = a.readTar(ctx, bufio.NewReader(whole))
	}
	if err != nil {
		return nil, err
	}
	return a.template()
}

// archive is what was found in one.
type archive struct {
	sub  string
	top  string       // the first element of all names, "" before the first one
	flat bool         // there is more than one such element
	seen gitTree      // counts
	kept []txtar.File // by their names in the archive
}

// enter takes note of a name, and tells whether the file is kept. Both places that the template can be at are: which one
// it is, only all names tell.
func (a *archive) enter(name string, isFolder bool) (string, bool, error) {
	if err := a.seen.count(); err != nil {
		return "", false, err
	}
	p := strings.TrimPrefix(name, "./")
	if isFolder {
		p = strings.TrimSuffix(p, "/")
	}
	if p == "" || p == "." {
		return "", false, nil
	}
	// It may be longer by the folders that the template is in.
	if err := checkLength(p, 4*maxPath, 4*maxElements); err != nil {
		return "", false, fmt.Errorf("name %q in the archive: %w", shorten(name), err)
	}
	top, _, below := strings.Cut(p, "/")
	if top == "__MACOSX" { // what Finder adds
		return "", false, nil
	}
	a.flat = a.flat || a.top != "" && a.top != top || !below && !isFolder
	a.top = top
	return p, !isFolder && (a.within(p, false) != "" || a.within(p, true) != ""), nil
}

// within is the path in the template of a name in the archive, or "" where it has none. The template may be looked for
// in the folder at the top.
func (a *archive) within(p string, inTop bool) string {
	if inTop {
		_, p, _ = strings.Cut(p, "/")
	}
	if a.sub != "" {
		var ok bool
		if p, ok = strings.CutPrefix(p, a.sub+"/"); !ok {
			return ""
		}
	}
	if !kept(p) {
		return ""
	}
	return p
}

// read keeps a file.
func (a *archive) read(p string, mode fs.FileMode, size int64, r io.Reader) error {
	inner := a.within(p, false)
	if inner == "" {
		inner = a.within(p, true)
	}
	if err := a.seen.judge(inner, mode, size); err != nil {
		return err
	}
	data, err := readFile(inner, size, r)
	if err != nil {
		return err
	}
	a.seen.size += size
	a.kept = append(a.kept, txtar.File{Name: p, Data: data})
	return nil
}

// template chooses where the template is.
func (a *archive) template() (*gitTree, error) {
	inTop := !a.flat
	for _, f := range a.kept {
		if a.within(f.Name, false) == manifest {
			inTop = false
		}
	}
	t := &gitTree{}
	for _, f := range a.kept {
		if p := a.within(f.Name, inTop); p != "" {
			if err := t.add(p, f.Data); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

// readTar reads a tar archive to its end, and what it is packed in, too: only there gzip has the checksum.
func (a *archive) readTar(ctx context.Context, r io.Reader) error {
	packed := &bounded{Reader: r, left: maxTree}
	t := tar.NewReader(packed)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return unreadable(packed.rest())
		}
		if err != nil {
			return unreadable(err)
		}
		if h.Typeflag == tar.TypeXGlobalHeader { // git writes its commit there
			if err := a.seen.count(); err != nil {
				return err
			}
			continue
		}
		p, keep, err := a.enter(h.Name, h.Typeflag == tar.TypeDir)
		if err != nil {
			return err
		}
		if !keep {
			continue
		}
		mode := h.FileInfo().Mode()
		if h.Typeflag == tar.TypeLink {
			mode |= fs.ModeSymlink
		} else if h.Typeflag != tar.TypeReg && mode.IsRegular() {
			mode |= fs.ModeIrregular
		}
		if err := a.read(p, mode, h.Size, t); err != nil {
			return unreadable(err)
		}
	}
}

// bounded is a reader that does not go on without end.
type bounded struct {
	io.Reader
	left  int64
	ended bool // there was nothing left to read
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.ended = b.ended || n == 0 && errors.Is(err, io.EOF)
	if b.left -= int64(n); b.left < 0 {
		return 0, errUnpacked
	}
	return n, err
}

// rest reads what comes behind the mark that ends a tar archive: nothing but zeros, which fill its last block.
func (b *bounded) rest() error {
	if b.ended && b.left < maxTree {
		return io.ErrUnexpectedEOF // there was no mark
	}
	buf := make([]byte, 32<<10)
	for {
		n, err := b.Read(buf)
		if len(bytes.Trim(buf[:n], "\x00")) > 0 {
			return errBehind
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}

var errBehind = errors.New("there is something behind the end of the archive: pack it anew")

var errUnpacked = fmt.Errorf("want an archive of at most %d MiB when it is unpacked", maxTree>>20)

// unreadable explains an error of the archive's format. There may be none.
func unreadable(err error) error {
	for _, format := range []error{tar.ErrHeader, io.ErrUnexpectedEOF, gzip.ErrHeader, gzip.ErrChecksum} {
		if errors.Is(err, format) {
			return fmt.Errorf("it is no archive that can be read: want .tar, .tar.gz or .zip, and all of it: %w", err)
		}
	}
	return err
}
