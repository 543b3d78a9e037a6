package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// image is what docker save gives of one.
type image struct {
	layers []layer
	config []byte
}

type layer struct {
	diffID string
	size   int64 // compressed
	files  []file
}

type file struct {
	name     string // without a slash at its beginning or end
	uid, gid int
	mode     os.FileMode
	dir      bool
	size     int64
	planted  bool   // it holds the marker
	content  []byte // of the few whose content is looked at
}

func (i image) has(diffID string) bool {
	for _, l := range i.layers {
		if l.diffID == diffID {
			return true
		}
	}
	return false
}

// saveImage saves and reads an image.
func saveImage(ctx context.Context, name, dir string) (image, error) {
	path := filepath.Join(dir, "image.tar")
	defer os.Remove(path)
	if _, err := docker(ctx, "save", "--output", path, name); err != nil {
		return image{}, err
	}
	f, err := os.Open(path)
	if err != nil {
		return image{}, err
	}
	defer f.Close()
	entries, err := index(f)
	if err != nil {
		return image{}, err
	}
	return readImage(entries)
}

// index finds the files of an archive, so that they can be read in any order.
func index(f *os.File) (map[string]*io.SectionReader, error) {
	entries := map[string]*io.SectionReader{}
	for r := tar.NewReader(f); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return entries, nil
		}
		if err != nil {
			return nil, err
		}
		at, err := f.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil, err
		}
		entries[h.Name] = io.NewSectionReader(f, at, h.Size)
	}
}

func readImage(entries map[string]*io.SectionReader) (image, error) {
	var manifests []struct {
		Config string
		Layers []string
	}
	var config struct {
		RootFS struct {
			DiffIDs []string `json:"diff_ids"`
		} `json:"rootfs"`
	}
	var i image
	var err error
	if _, err = decode(entries, "manifest.json", &manifests); err == nil {
		i.config, err = decode(entries, manifests[0].Config, &config)
	}
	if err != nil {
		return image{}, err
	}
	for n, name := range manifests[0].Layers {
		l := layer{diffID: config.RootFS.DiffIDs[n]}
		if err := l.read(entries[name]); err != nil {
			return image{}, fmt.Errorf("%s: %w", name, err)
		}
		i.layers = append(i.layers, l)
	}
	return i, nil
}

func decode(entries map[string]*io.SectionReader, name string, value any) ([]byte, error) {
	r, ok := entries[name]
	if !ok {
		return nil, fmt.Errorf("the image has no %s", name)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	return data, json.Unmarshal(data, value)
}

// read reads a layer's files. One that is not compressed is, to tell its size.
func (l *layer) read(r *io.SectionReader) error {
	in := bufio.NewReader(r)
	magic, err := in.Peek(2)
	if err != nil {
		return err
	}
	if bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		l.size = r.Size()
		z, err := gzip.NewReader(in)
		if err != nil {
			return err
		}
		return l.list(z)
	}
	var size counter
	z := gzip.NewWriter(&size)
	if err := l.list(io.TeeReader(in, z)); err != nil {
		return err
	}
	err = z.Close()
	l.size = int64(size)
	return err
}

func (l *layer) list(in io.Reader) error {
	for r := tar.NewReader(in); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			_, err = io.Copy(io.Discard, in)
			return err
		}
		if err != nil {
			return err
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		f := file{
			name: strings.Trim(filepath.Clean("/"+h.Name), "/"), uid: h.Uid, gid: h.Gid, mode: h.FileInfo().Mode(),
			dir: h.Typeflag == tar.TypeDir, size: h.Size, planted: bytes.Contains(data, []byte(marker)),
		}
		switch f.name {
		case "etc/passwd", "etc/group", "app/version.json":
			f.content = data
		}
		l.files = append(l.files, f)
	}
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}
