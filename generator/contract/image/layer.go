package image

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"dockerflow/generator/contract"
)

// list reads the files of a layer.
func (a *archive) list(l *contract.Layer, in io.Reader) error {
	return a.each(in, func(h *tar.Header, r io.Reader) (err error) {
		if a.left--; a.left < 0 {
			return fmt.Errorf("it has more than %d files", maxFiles)
		}
		f := contract.File{
			Name: strings.Trim(path.Clean("/"+h.Name), "/"), UID: h.Uid, GID: h.Gid, Mode: h.FileInfo().Mode(), Size: h.Size, Link: h.Linkname,
		}
		if h.Typeflag == tar.TypeReg && contract.Wanted(f.Name) && h.Size <= contract.MaxContent {
			if f.Content, err = io.ReadAll(r); err != nil {
				return err
			}
			f.Marked = len(a.reading.Mark) > 0 && bytes.Contains(f.Content, a.reading.Mark)
		} else if len(a.reading.Mark) > 0 {
			if f.Marked, err = holds(meter{r, a}, a.reading.Mark); err != nil {
				return err
			}
		}
		l.Files = append(l.Files, f)
		return nil
	})
}

// holds reports whether a file contains mark.
func holds(r io.Reader, mark []byte) (bool, error) {
	buffer := make([]byte, 0, 1<<16+len(mark))
	found := false
	for {
		n, err := r.Read(buffer[len(buffer) : len(buffer)+1<<16-len(buffer)])
		buffer = buffer[:len(buffer)+n]
		found = found || bytes.Contains(buffer, mark)
		if errors.Is(err, io.EOF) {
			return found, nil
		}
		if err != nil {
			return false, err
		}
		keep := min(len(buffer), len(mark)-1) // the mark may straddle two reads
		buffer = append(buffer[:0], buffer[len(buffer)-keep:]...)
	}
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}
