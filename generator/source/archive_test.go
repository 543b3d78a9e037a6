package source

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/spf13/afero"

	"dockerflow/generator/tree"
)

// packers create an archive of files and folders, by the ending of its name.
var packers = map[string]func(*testing.T, map[string]string) []byte{
	".tar": tarOf, ".tar.gz": func(t *testing.T, files map[string]string) []byte { t.Helper(); return gzipOf(t, tarOf(t, files)) }, ".zip": zipOf,
}

func tarOf(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var headers []tar.Header
	for _, p := range slices.Sorted(maps.Keys(files)) {
		headers = append(headers, tar.Header{Name: p, Mode: 0o644, Size: int64(len(files[p]))})
	}
	return tarWith(t, files, headers...)
}

func tarWith(t *testing.T, files map[string]string, headers ...tar.Header) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, h := range headers {
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, files[h.Name][:h.Size]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func gzipOf(t *testing.T, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zipOf(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	w.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestSpeed) })
	for _, p := range slices.Sorted(maps.Keys(files)) {
		h := &zip.FileHeader{Name: p, Method: zip.Store}
		if len(files[p]) > 1000 {
			h.Method = zip.Deflate
		}
		f, err := w.CreateHeader(h)
		if err == nil {
			_, err = io.WriteString(f, files[p])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestArchive(t *testing.T) {
	t.Parallel()
	other := map[string]string{"template.yaml": "about: other\n", "files/o": "o\n"}
	both := maps.Clone(small)
	maps.Copy(both, below("sub/x", other))
	finder := below("acme-main", small)
	finder["__MACOSX/acme-main/._template.yaml"] = "no\n"
	for ending, pack := range packers {
		for _, test := range []struct {
			name, sub   string
			files, want map[string]string
		}{
			{"at the root", "", both, keptOf(small)},
			{"in a subfolder", "//sub/x", both, keptOf(other)},
			{"in one top folder", "", below("acme-main", both), keptOf(small)},
			{"below one top folder", "//sub/x", below("acme-main", both), keptOf(other)},
			{"the top folder is named", "//acme-main", below("acme-main", both), keptOf(small)},
			{"by Finder", "", finder, keptOf(small)},
			{"by a dot", "", below(".", both), keptOf(small)},
		} {
			name := filepath.Join(t.TempDir(), "team"+ending)
			for _, fsys := range []tree.FS{tree.Disk{}, tree.NewMemory()} {
				if err := afero.WriteFile(fsys, name, pack(t, test.files), 0o644); err != nil {
					t.Fatal(err)
				}
				found, err := Reader{FS: fsys}.Open(t.Context(), parse(t, name+test.sub))
				if err != nil {
					t.Errorf("%s, %s: %v", ending, test.name, err)
					continue
				}
				holds(t, found, test.want)
			}
		}
	}
}

// git archive writes a folder around the files, and the commit before them.
func TestArchiveByGit(t *testing.T) {
	t.Parallel()
	o := serve(t, small)
	for _, ending := range []string{"tar", "tar.gz", "tgz", "zip"} {
		name := filepath.Join(t.TempDir(), "team."+ending)
		run(t, o.dir, "archive", "--prefix=team-1.0/", "--output="+name, "HEAD")
		found, err := disk("").Open(t.Context(), parse(t, name))
		if err != nil {
			t.Errorf("%s: %v", ending, err)
			continue
		}
		holds(t, found, keptOf(small))
	}
}
