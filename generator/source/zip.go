package source

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// maxDirectory limits how much of a zip archive is read before its names are counted, in bytes.
const maxDirectory = 16 << 20

// readZip reads a zip archive. Files that are not kept are not unpacked.
func (a *archive) readZip(ctx context.Context, f io.ReaderAt, size int64) error {
	directory := &boundedAt{f, maxDirectory}
	z, err := zip.NewReader(directory, size)
	directory.left = 1 << 62
	if errors.Is(err, zip.ErrInsecurePath) {
		err = nil // each name is checked below
	}
	if err != nil {
		return unreadableZip(err)
	}
	for _, file := range z.File {
		if err := ctx.Err(); err != nil {
			return err
		}
		p, keep, err := a.enter(file.Name, strings.HasSuffix(file.Name, "/"))
		if err != nil {
			return err
		}
		if keep {
			if err := a.readZipped(p, file); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *archive) readZipped(p string, file *zip.File) error {
	switch {
	case file.Flags&1 != 0:
		return fmt.Errorf("%q is encrypted", p)
	case file.UncompressedSize64 > 1<<62:
		return errTooLarge
	}
	size := int64(file.UncompressedSize64)
	mode := file.Mode()
	if !mode.IsRegular() {
		size = 0
		return a.read(p, mode, size, strings.NewReader("")) // this error explains the problem
	}
	r, err := file.Open()
	if err != nil {
		return unreadableZip(err)
	}
	defer r.Close()
	if err := a.read(p, mode, size, r); err != nil {
		return unreadableZip(err)
	}
	return nil
}

// boundedAt is like bounded, for reads at any offset.
type boundedAt struct {
	io.ReaderAt
	left int64
}

func (b *boundedAt) ReadAt(p []byte, off int64) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, fmt.Errorf("want at most %d MiB of names in the archive", maxDirectory>>20)
	}
	return b.ReaderAt.ReadAt(p, off)
}

func unreadableZip(err error) error {
	for _, format := range []error{zip.ErrFormat, zip.ErrAlgorithm, zip.ErrChecksum, io.ErrUnexpectedEOF, io.EOF, fs.ErrNotExist} {
		if errors.Is(err, format) {
			return fmt.Errorf("cannot read the zip archive: %w", err)
		}
	}
	return err
}
