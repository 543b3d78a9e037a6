package image

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"path"

	"dockerflow/generator/contract"
)

// Reading is how an image is read.
type Reading struct {
	Mark  []byte // marks the files that hold it
	Weigh bool   // layers that are not compressed are, to tell their size
}

// Bounds of an image.
const (
	maxFiles    = 3_000_000
	maxDocument = 8 << 20
	maxUnpacked = 1 << 40
)

// archive is what docker save writes, in one pass: the manifest comes last.
type archive struct {
	reading   Reading
	layers    map[string]*contract.Layer
	documents map[string][]byte
	links     map[string]string
	left      int          // files that may still come
	room      int64        // bytes that may still come, unpacked
	stopped   func() error // reports an interrupt, which must also stop an endless decompression
}

// meter reads what an archive has room for.
type meter struct {
	in io.Reader
	a  *archive
}

func (m meter) Read(b []byte) (int, error) {
	if err := m.a.stopped(); err != nil {
		return 0, err
	}
	n, err := m.in.Read(b)
	if m.a.room -= int64(n); m.a.room < 0 {
		return n, errors.New("it is too large")
	}
	return n, err
}

// Read reads an image by the engine's save, without keeping it on disk.
func Read(ctx context.Context, e *Engine, ref string, r Reading) (*contract.Image, error) {
	ctx, cancel := context.WithTimeout(ctx, saving)
	defer cancel()
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := e.streams(ctx, saving, call{args: []string{"save", ref}, out: writer})
		writer.CloseWithError(err)
		done <- err
	}()
	a := newArchive(r, ctx.Err)
	err := a.read(reader)
	reader.CloseWithError(errors.New("no longer needed"))
	if saved := <-done; err == nil {
		err = saved
	}
	if err != nil {
		return nil, fmt.Errorf("%s could not be read: %w", ref, err)
	}
	i, err := a.image()
	if err != nil {
		return nil, fmt.Errorf("%s save %s: %w", e.Name, ref, err)
	}
	i.Merge()
	return i, nil
}

func newArchive(r Reading, stopped func() error) *archive {
	return &archive{r, map[string]*contract.Layer{}, map[string][]byte{}, map[string]string{}, maxFiles, maxUnpacked, stopped}
}

func (a *archive) read(in io.Reader) error {
	return a.each(in, func(h *tar.Header, r io.Reader) error {
		switch h.Typeflag {
		case tar.TypeSymlink:
			a.links[path.Clean(h.Name)] = path.Join(path.Dir(h.Name), h.Linkname)
		case tar.TypeLink:
			a.links[path.Clean(h.Name)] = path.Clean(h.Linkname)
		case tar.TypeReg:
			return a.entry(path.Clean(h.Name), h.Size, r)
		}
		return nil
	})
}

// each visits the entries of an archive, be it the image's or a layer's, and reads it to its end.
func (a *archive) each(in io.Reader, visit func(*tar.Header, io.Reader) error) error {
	in = meter{in, a}
	for r := tar.NewReader(in); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			_, err = io.Copy(io.Discard, in)
			return err
		}
		if err != nil {
			return err
		}
		if err := visit(h, r); err != nil {
			return err
		}
	}
}

// entry takes one file of the archive, which is a layer or a document of JSON.
func (a *archive) entry(name string, size int64, in io.Reader) error {
	r := bufio.NewReaderSize(meter{in, a}, 1<<16)
	head, _ := r.Peek(512)
	l := &contract.Layer{Size: size}
	var err error
	switch {
	case len(head) == 512 && (bytes.Equal(head[257:262], []byte("ustar")) || bytes.Equal(head, make([]byte, 512))):
		err = a.weigh(l, r)
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		z, wrong := gzip.NewReader(r)
		if wrong != nil {
			return wrong
		}
		err = a.list(l, z)
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		l.Unread = "a layer uses zstd compression, which is not supported"
	case size <= maxDocument:
		a.documents[name], err = io.ReadAll(r)
		return err
	default:
		l.Unread = "a layer has an unsupported format"
	}
	a.layers[name] = l
	return err
}

// weigh lists a layer that is not compressed.
func (a *archive) weigh(l *contract.Layer, r io.Reader) error {
	if !a.reading.Weigh {
		return a.list(l, r)
	}
	var size counter
	z := gzip.NewWriter(&size)
	err := a.list(l, io.TeeReader(r, z))
	if err == nil {
		err = z.Close()
	}
	l.Size = int64(size)
	return err
}
