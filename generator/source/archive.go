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

// maxArchive limits the size of an archive file, in bytes.
const maxArchive = 128 << 20

// readArchive reads the template in an archive. The first bytes tell the format.
func (r Reader) readArchive(ctx context.Context, s Source) (*gitTree, error) {
	switch info, err := r.FS.Stat(s.Place); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errors.New("there is no such archive")
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, errors.New("it is a folder with the name of an archive: add a slash and the name of a folder in it, or rename it")
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("want a regular file, not %s", kindOf(info.Mode()))
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

// unpack reads the template in the folder sub of an archive, or in its only top folder.
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

// archive collects the contents of an archive.
type archive struct {
	sub  string
	top  string       // the first element of all names, or "" before the first name
	flat bool         // whether there is more than one top element
	seen gitTree      // counts entries
	kept []txtar.File // by their names in the archive
}

// enter records a name, and reports whether the file is kept. Files from both possible places of the template are
// kept: only after all names are read is it known which one it is.
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
	// The name may be longer by the folders above the template.
	if err := checkLength(p, 4*maxPath, 4*maxElements); err != nil {
		return "", false, fmt.Errorf("name %q in the archive: %w", shorten(name), err)
	}
	top, _, below := strings.Cut(p, "/")
	if top == "__MACOSX" { // added by Finder
		return "", false, nil
	}
	a.flat = a.flat || a.top != "" && a.top != top || !below && !isFolder
	a.top = top
	return p, !isFolder && (a.within(p, false) != "" || a.within(p, true) != ""), nil
}

// within returns the path in the template of a name in the archive, or "" if it has none. If inTop is set, the
// template is in the top folder.
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

// read keeps the content of a file.
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

// template selects the folder of the template.
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

// readTar reads a tar archive to its end, and also the end of the compressed data, where gzip has its checksum.
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
		if h.Typeflag == tar.TypeXGlobalHeader { // git writes the commit id here
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

// bounded is a reader with a limit.
type bounded struct {
	io.Reader
	left  int64
	ended bool // nothing was left to read
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.ended = b.ended || n == 0 && errors.Is(err, io.EOF)
	if b.left -= int64(n); b.left < 0 {
		return 0, errUnpacked
	}
	return n, err
}

// rest reads what follows the end mark of a tar archive: only zeros, which fill the last block.
func (b *bounded) rest() error {
	if b.ended && b.left < maxTree {
		return io.ErrUnexpectedEOF // the end mark is missing
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

var errBehind = errors.New("there is data after the end of the archive: create the archive again")

var errUnpacked = fmt.Errorf("want an archive of at most %d MiB when unpacked", maxTree>>20)

// unreadable explains an error in the format of an archive. It returns nil for nil.
func unreadable(err error) error {
	for _, format := range []error{tar.ErrHeader, io.ErrUnexpectedEOF, gzip.ErrHeader, gzip.ErrChecksum} {
		if errors.Is(err, format) {
			return fmt.Errorf("cannot read the archive: want a complete .tar, .tar.gz or .zip file: %w", err)
		}
	}
	return err
}
