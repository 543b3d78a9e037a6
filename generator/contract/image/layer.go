package image

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
)

// Layer is what one step of a build adds.
type Layer struct {
	DiffID string
	By     string // the step, as the image's history tells it
	Size   int64  // as it is saved
	Files  []File

	unread string
}

// File is one file of a layer, as its archive has it.
type File struct {
	Name     string // without a slash at its beginning or end
	UID, GID int
	Mode     os.FileMode
	Size     int64
	Link     string // where a link leads
	Content  []byte // of the few whose content rules ask for
	Marked   bool   // it holds the mark
}

// Dir tells whether it is a folder.
func (f File) Dir() bool { return f.Mode.IsDir() }

// list reads the files of a layer.
func (a *archive) list(l *Layer, in io.Reader) error {
	return a.each(in, func(h *tar.Header, r io.Reader) (err error) {
		if a.left--; a.left < 0 {
			return fmt.Errorf("it has more than %d files", maxFiles)
		}
		f := File{
			Name: strings.Trim(path.Clean("/"+h.Name), "/"), UID: h.Uid, GID: h.Gid, Mode: h.FileInfo().Mode(), Size: h.Size, Link: h.Linkname,
		}
		if h.Typeflag == tar.TypeReg && wanted(f.Name) && h.Size <= maxContent {
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

// wanted are the files whose content rules ask for.
func wanted(name string) bool {
	return name == "etc/passwd" || name == "etc/group" || path.Base(name) == versionName
}

// holds tells whether a text is anywhere in a file.
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

const versionName = "version.json"

// merge lays the layers over each other, for those files that rules ask for.
func (i *Image) merge() {
	i.files = map[string]*File{}
	for n := range i.Layers {
		files := i.Layers[n].Files
		for _, f := range files { // what a layer takes away is never its own
			dir, base := path.Split(f.Name)
			dir = strings.TrimSuffix(dir, "/")
			switch name, gone := strings.CutPrefix(base, ".wh."); {
			case base == ".wh..wh..opq":
				i.remove(dir, false)
			case gone:
				i.remove(path.Join(dir, name), true)
			}
		}
		for k := range files {
			f := &files[k]
			if !kept(f.Name) {
				continue
			}
			if old := i.files[f.Name]; old != nil && old.Dir() && !f.Dir() {
				i.remove(f.Name, true)
			}
			i.files[f.Name] = f
		}
	}
}

// kept are the files that can be looked up.
func kept(name string) bool {
	return within(name, "app") && !strings.HasPrefix(path.Base(name), ".wh.") || name == "etc" || wanted(name)
}

func (i *Image) remove(name string, itself bool) {
	f := i.files[name]
	if itself {
		delete(i.files, name)
	}
	if f != nil && !f.Dir() {
		return
	}
	for other := range i.files {
		if other != name && within(other, name) {
			delete(i.files, other)
		}
	}
}

// within tells whether a path is the folder or lies in it. All lies in the folder "".
func within(name, folder string) bool {
	return folder == "" || name == folder || strings.HasPrefix(name, folder+"/")
}

// File finds a file of the image by its name without a slash at its beginning. It follows links to files that are kept
// in view; others are the second result.
func (i *Image) File(name string) (f *File, link string) {
	for range 8 {
		f := i.files[name]
		switch {
		case f == nil:
			return nil, ""
		case f.Mode&os.ModeSymlink != 0 && strings.HasPrefix(f.Link, "/"):
			name = strings.Trim(path.Clean(f.Link), "/")
		case f.Mode&os.ModeSymlink != 0:
			name = strings.Trim(path.Clean("/"+path.Join(path.Dir(name), f.Link)), "/")
		case f.Link != "": // a hard link
			name = strings.Trim(path.Clean("/"+f.Link), "/")
		default:
			return f, ""
		}
		if i.files[name] == nil {
			return nil, f.Link
		}
	}
	return nil, name
}

// under gives the names below a folder, sorted.
func (i *Image) under(folder string) []string {
	var names []string
	for name := range i.files {
		if name != folder && within(name, folder) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
