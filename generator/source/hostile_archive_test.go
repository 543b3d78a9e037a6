package source

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tarSample adds entries to a template.
func tarSample(headers ...tar.Header) func(*testing.T) []byte {
	return func(t *testing.T) []byte {
		t.Helper()
		texts := map[string]string{"template.yaml": "about: a\n"}
		for i := range headers {
			if headers[i].Typeflag == 0 {
				headers[i].Typeflag = tar.TypeReg
			}
			if headers[i].Name != manifest {
				texts[headers[i].Name] = strings.Repeat("x", int(headers[i].Size))
			}
		}
		return tarWith(t, texts, append([]tar.Header{{Name: "template.yaml", Size: 9, Mode: 0o644}}, headers...)...)
	}
}

// zipSample adds entries to a template.
func zipSample(change func(*zip.FileHeader), names ...string) func(*testing.T) []byte {
	return func(t *testing.T) []byte {
		t.Helper()
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for _, name := range append([]string{"template.yaml"}, names...) {
			h := &zip.FileHeader{Name: name, Method: zip.Deflate}
			if change != nil && name != "template.yaml" {
				change(h)
			}
			f, err := w.CreateHeader(h)
			if err == nil {
				_, err = io.WriteString(f, "x")
			}
			if err != nil && !strings.HasSuffix(name, "/") {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
}

// tooMany returns a template with more files than allowed, named by a format.
func tooMany(pack func(*testing.T, map[string]string) []byte, of string) func(*testing.T) []byte {
	return func(t *testing.T) []byte {
		t.Helper()
		files := map[string]string{"template.yaml": "about: a\n"}
		for i := range maxFiles + 1 {
			files[fmt.Sprintf(of, i)] = ""
		}
		return pack(t, files)
	}
}

// cut returns the start of an archive.
func cut(pack func(*testing.T, map[string]string) []byte) func(*testing.T) []byte {
	return func(t *testing.T) []byte {
		t.Helper()
		data := pack(t, small)
		return data[:len(data)/2-100]
	}
}

// with returns a template with one more file.
func with(pack func(*testing.T, map[string]string) []byte, name, text string) func(*testing.T) []byte {
	return func(t *testing.T) []byte {
		t.Helper()
		files := maps.Clone(small)
		files[name] = text
		return pack(t, files)
	}
}

func zipMode(mode fs.FileMode) func(*zip.FileHeader) {
	return func(h *zip.FileHeader) { h.SetMode(mode) }
}

// paxTar returns a tar archive whose last file has extra records.
func paxTar(records map[string]string) func(*testing.T) []byte {
	return func(t *testing.T) []byte {
		t.Helper()
		other := map[string]string{}
		for name, value := range records { // records that the writer refuses
			other[strings.Replace(name, "GNU.", "XNU.", 1)] = value
		}
		data := tarSample(tar.Header{Name: "files/a", Format: tar.FormatPAX, PAXRecords: other})(t)
		return bytes.ReplaceAll(data, []byte("XNU."), []byte("GNU."))
	}
}

// sparse returns a tar archive with a sparse file of the given size. The writer does not support them, so the header
// is patched.
func sparse(size int64) func(*testing.T) []byte {
	return func(t *testing.T) []byte {
		t.Helper()
		data := tarSample(tar.Header{Name: "files/a", Size: 0, Format: tar.FormatGNU})(t)
		h := data[1024:1536]
		h[156] = tar.TypeGNUSparse
		for _, at := range []int{386, 483} { // one part at the end, and the total size
			clear(h[at : at+12])
			h[at] = 0x80
			binary.BigEndian.PutUint64(h[at+4:], uint64(size))
		}
		copy(h[398:], "00000000000\x00")
		sign(h)
		return data
	}
}

// sign corrects the checksum of a header.
func sign(h []byte) {
	copy(h[148:156], "        ")
	sum := 0
	for _, b := range h[:512] {
		sum += int(b)
	}
	copy(h[148:156], fmt.Sprintf("%06o\x00 ", sum))
}

// lying returns a zip archive whose directory has a wrong size for a file.
func lying(size uint32) func(*testing.T) []byte {
	return func(t *testing.T) []byte {
		t.Helper()
		content := bytes.Repeat([]byte("x"), 1000)
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for name, data := range map[string][]byte{"template.yaml": []byte("about: a\n"), "files/a": content} {
			h := &zip.FileHeader{Name: name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(data), CompressedSize64: uint64(len(data)), UncompressedSize64: uint64(len(data))}
			f, err := w.CreateRaw(h)
			if err == nil {
				_, err = f.Write(data)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		data := out.Bytes()
		at := bytes.LastIndex(data, []byte("files/a")) - 46
		binary.LittleEndian.PutUint32(data[at+24:], size)
		return data
	}
}

// overlapping returns a zip archive with n names for the same content.
func overlapping(n, size int) func(*testing.T) []byte {
	return func(t *testing.T) []byte {
		t.Helper()
		files := map[string]string{"template.yaml": "about: a\n", "files/00000": strings.Repeat("\x00", size)}
		data := zipOf(t, files)
		end := bytes.LastIndex(data, []byte("PK\x05\x06"))
		at := int(binary.LittleEndian.Uint32(data[end+16:]))
		entry := data[at : at+46+len("files/00000")]
		if !bytes.Contains(entry, []byte("files/00000")) {
			t.Fatal("not the entry")
		}
		rest := bytes.Clone(data[at+len(entry) : end])
		tail := bytes.Clone(data[end:])
		out := bytes.Clone(data[:at])
		for i := range n {
			out = append(out, bytes.Replace(entry, []byte("00000"), fmt.Appendf(nil, "%05x", i), 1)...)
		}
		out = append(out, rest...)
		binary.LittleEndian.PutUint16(tail[8:], uint16(n+1))
		binary.LittleEndian.PutUint16(tail[10:], uint16(n+1))
		binary.LittleEndian.PutUint32(tail[12:], uint32(len(out)-at))
		return append(out, tail...)
	}
}

var bigText = strings.Repeat("a", maxText+1)

var hostileArchives = []struct {
	name string
	make func(*testing.T) []byte
	want string
}{
	{"tar: parent", tarSample(tar.Header{Name: "../files/a"}), "relative"},
	{"tar: parent within", tarSample(tar.Header{Name: "files/../../a"}), "relative"},
	{"tar: parent beside the template", tarSample(tar.Header{Name: "x/../../../etc/passwd"}), "relative"},
	{"tar: absolute", tarSample(tar.Header{Name: "/files/a"}), "relative"},
	{"tar: absolute twice", tarSample(tar.Header{Name: "//files/a"}), "relative"},
	{"tar: backslash", tarSample(tar.Header{Name: `files\..\..\a`}), "backslash"},
	{"tar: backslash beside the template", tarSample(tar.Header{Name: `x\a`}), "backslash"},
	{"tar: empty element", tarSample(tar.Header{Name: "files//a"}), "relative"},
	{"tar: dot element", tarSample(tar.Header{Name: "files/./a"}), "relative"},
	{"tar: newline", tarSample(tar.Header{Name: "files/a\nb"}), "control"},
	{"tar: escape sequence", tarSample(tar.Header{Name: "files/\x1b[2Ja"}), "control"},
	{"tar: bidi", tarSample(tar.Header{Name: "files/\u202ea"}), "control"},
	{"tar: not UTF-8", tarSample(tar.Header{Name: "files/\xff", Format: tar.FormatGNU}), "UTF-8"},
	{"tar: name too long", tarSample(tar.Header{Name: "files/" + strings.Repeat("a", maxPath)}), "at most"},
	{"tar: name far too long", tarSample(tar.Header{Name: "x/" + strings.Repeat("a", 100_000)}), "at most"},
	{"tar: too deep", tarSample(tar.Header{Name: "files/" + strings.Repeat("a/", maxElements) + "a"}), "elements"},
	{"tar: far too deep", tarSample(tar.Header{Name: strings.Repeat("a/", 400) + "a"}), "elements"},
	{"tar: link", tarSample(tar.Header{Name: "files/a", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"}), "is a link"},
	{"tar: link for a folder", tarSample(tar.Header{Name: "files", Typeflag: tar.TypeSymlink, Linkname: "/etc"}), "is a link"},
	{"tar: link for the manifest", tarSample(tar.Header{Name: "x", Typeflag: tar.TypeDir}, tar.Header{Name: "template.yaml", Typeflag: tar.TypeSymlink, Linkname: "a"}), "is a link"},
	{"tar: hard link", tarSample(tar.Header{Name: "files/a", Typeflag: tar.TypeLink, Linkname: "template.yaml"}), "is a link"},
	{"tar: hard link in parts", tarSample(tar.Header{Name: "parts/a", Typeflag: tar.TypeLink, Linkname: "/etc/passwd"}), "is a link"},
	{"tar: character device", tarSample(tar.Header{Name: "files/a", Typeflag: tar.TypeChar, Devmajor: 1, Devminor: 5}), "is a device"},
	{"tar: block device", tarSample(tar.Header{Name: "files/a", Typeflag: tar.TypeBlock}), "is a device"},
	{"tar: pipe", tarSample(tar.Header{Name: "files/a", Typeflag: tar.TypeFifo}), "is a named pipe"},
	{"tar: contiguous", tarSample(tar.Header{Name: "files/a", Typeflag: tar.TypeCont}), "is a special file"},
	{"tar: unknown kind", tarSample(tar.Header{Name: "files/a", Typeflag: 'Z'}), "is a special file"},
	{"tar: sparse", sparse(1 << 10), "is a special file"},
	{"tar: sparse and endless", sparse(1 << 60), "is a special file"},
	{"tar: sparse by records", paxTar(map[string]string{"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.name": "files/a", "GNU.sparse.size": "1152921504606846976", "GNU.sparse.numblocks": "1", "GNU.sparse.map": "1152921504606846976,0"}), "at most 16 MiB"},
	{"tar: twice", tarSample(tar.Header{Name: "files/a"}, tar.Header{Name: "files/a"}), "twice"},
	{"tar: manifest twice", tarSample(tar.Header{Name: "template.yaml"}), "twice"},
	{"tar: twice by a dot", tarSample(tar.Header{Name: "files/a"}, tar.Header{Name: "./files/a"}), "twice"},
	{"tar: case", tarSample(tar.Header{Name: "files/a"}, tar.Header{Name: "files/A"}), "only in case"},
	{"tar: case beyond ASCII", tarSample(tar.Header{Name: "files/ſ"}, tar.Header{Name: "files/s"}), "only in case"},
	{"tar: case of a folder", tarSample(tar.Header{Name: "files/a/x"}, tar.Header{Name: "files/A/y"}), "only in case"},
	{"tar: file and folder", tarSample(tar.Header{Name: "files/a"}, tar.Header{Name: "files/a/b"}), "twice"},
	{"tar: folder and file", tarSample(tar.Header{Name: "files/a/b"}, tar.Header{Name: "files/a"}), "twice"},
	{"tar: files is a file", tarSample(tar.Header{Name: "files"}), "files is not a folder"},
	{"tar: huge manifest", with(tarOf, "template.yaml", bigText), "at most 1 MiB"},
	{"tar: huge part", with(tarOf, "parts/a", bigText), "at most 1 MiB"},
	{"tar: huge template", with(tarOf, "files/a.tmpl", bigText), "at most 1 MiB"},
	{"tar: huge file", with(tarOf, "files/a", strings.Repeat("a", maxFile+1)), "at most 16 MiB"},
	{"tar: many files", tooMany(tarOf, "files/%d"), "at most 20000"},
	{"tar: many files beside the template", tooMany(tarOf, "x/%d"), "at most 20000"},
	{"tar: cut", cut(tarOf), "cannot read the archive"},
	{"tar: negative size", func(t *testing.T) []byte {
		t.Helper()
		data := tarSample(tar.Header{Name: "files/a"})(t)
		copy(data[1024+124:], "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
		sign(data[1024:])
		return data
	}, "cannot read the archive"},
	{"tar: no template", func(t *testing.T) []byte {
		t.Helper()
		return tarOf(t, map[string]string{"a/b/template.yaml": ""})
	}, "no template"},
	{"tar: empty", func(*testing.T) []byte { return nil }, "no template"},
	{"tar: text", func(*testing.T) []byte { return []byte(strings.Repeat("hello", 1000)) }, "cannot read the archive"},

	{"gzip: bomb in the template", func(t *testing.T) []byte {
		t.Helper()
		return gzipOf(t, with(tarOf, "files/a", strings.Repeat("\x00", maxFile+1))(t))
	}, "at most 16 MiB"},
	{"gzip: bomb beside the template", func(t *testing.T) []byte {
		t.Helper()
		return gzipOf(t, with(tarOf, "x", strings.Repeat("\x00", maxTree))(t))
	}, "at most 128 MiB"},
	{"gzip: bomb of many files", func(t *testing.T) []byte {
		t.Helper()
		files := maps.Clone(small)
		for i := range 9 {
			files[fmt.Sprintf("files/%d", i)] = strings.Repeat("\x00", maxFile)
		}
		return gzipOf(t, tarOf(t, files))
	}, "at most 128 MiB"},
	{"gzip: members", func(t *testing.T) []byte {
		t.Helper()
		zeros := gzipOf(t, make([]byte, 1<<20))
		header := tarOf(t, map[string]string{"x": ""})[:512]
		copy(header[124:], "77777777777\x00")
		sign(header)
		return append(gzipOf(t, header), bytes.Repeat(zeros, 200)...)
	}, "at most 128 MiB"},
	{"gzip: cut", func(t *testing.T) []byte {
		t.Helper()
		data := gzipOf(t, tarOf(t, small))
		return data[:len(data)/2]
	}, "cannot read the archive"},
	{"gzip: broken", func(t *testing.T) []byte {
		t.Helper()
		data := gzipOf(t, tarOf(t, small))
		for i := range data[20:60] {
			data[20+i] ^= 0x55
		}
		return data
	}, ""},
	{"gzip: a wrong checksum", func(t *testing.T) []byte {
		t.Helper()
		data := gzipOf(t, tarOf(t, small))
		data[len(data)-8] ^= 1
		return data
	}, "invalid checksum"},
	{"gzip: a wrong length", func(t *testing.T) []byte {
		t.Helper()
		data := gzipOf(t, tarOf(t, small))
		data[len(data)-1] ^= 1
		return data
	}, "invalid checksum"},
	{"gzip: cut in its checksum", func(t *testing.T) []byte {
		t.Helper()
		data := gzipOf(t, tarOf(t, small))
		return data[:len(data)-3]
	}, "cannot read the archive"},
	{"gzip: cut before its checksum", func(t *testing.T) []byte {
		t.Helper()
		data := gzipOf(t, tarOf(t, small))
		return data[:len(data)-8]
	}, "cannot read the archive"},
	{"gzip: trailing data", func(t *testing.T) []byte {
		t.Helper()
		return append(gzipOf(t, tarOf(t, small)), "garbage"...)
	}, "cannot read the archive"},
	{"gzip: trailing archive", func(t *testing.T) []byte {
		t.Helper()
		return append(gzipOf(t, tarOf(t, small)), gzipOf(t, tarOf(t, small))...)
	}, "data after the end"},
	{"tar: cut between two files", func(t *testing.T) []byte {
		t.Helper()
		return tarOf(t, map[string]string{"template.yaml": small["template.yaml"]})[:1024]
	}, "cannot read the archive"},
	{"tar: trailing data", func(t *testing.T) []byte {
		t.Helper()
		return append(tarOf(t, small), "garbage"...)
	}, "data after the end"},
	{"zip: a wrong checksum", func(t *testing.T) []byte {
		t.Helper()
		data := zipOf(t, small)
		for i := range len(data) - 20 { // in each directory entry, and before each file
			if s := string(data[i : i+4]); s == "PK\x01\x02" {
				data[i+16] ^= 1
			} else if s == "PK\x07\x08" {
				data[i+4] ^= 1
			}
		}
		return data
	}, "checksum"},
	{"gzip: of a zip", func(t *testing.T) []byte {
		t.Helper()
		return gzipOf(t, zipOf(t, small))
	}, "cannot read the archive"},

	{"zip: slip", zipSample(nil, "../a"), "relative"},
	{"zip: slip within", zipSample(nil, "files/../../../a"), "relative"},
	{"zip: slip beside the template", zipSample(nil, "x/../../a"), "relative"},
	{"zip: absolute", zipSample(nil, "/etc/passwd"), "relative"},
	{"zip: backslash", zipSample(nil, `..\a`), "backslash"},
	{"zip: backslash within", zipSample(nil, `files\a`), "backslash"},
	{"zip: drive", zipSample(nil, `C:\files\a`), "backslash"},
	{"zip: NUL", zipSample(nil, "files/a\x00.txt"), "control"},
	{"zip: not UTF-8", zipSample(nil, "files/\xff"), "UTF-8"},
	{"zip: name too long", zipSample(nil, "files/"+strings.Repeat("a", maxPath)), "at most"},
	{"zip: too deep", zipSample(nil, "files/"+strings.Repeat("a/", maxElements)+"a"), "elements"},
	{"zip: link", zipSample(zipMode(fs.ModeSymlink|0o777), "files/a"), "is a link"},
	{"zip: link for a folder", zipSample(zipMode(fs.ModeSymlink|0o777), "files"), "is a link"},
	{"zip: device", zipSample(zipMode(fs.ModeDevice|0o666), "files/a"), "is a device"},
	{"zip: pipe", zipSample(zipMode(fs.ModeNamedPipe|0o666), "files/a"), "is a named pipe"},
	{"zip: socket", zipSample(zipMode(fs.ModeSocket|0o666), "files/a"), "is a socket"},
	{"zip: folder without slash", zipSample(zipMode(fs.ModeDir|0o755), "files/a"), "is a folder"},
	{"zip: twice", zipSample(nil, "files/a", "files/a"), "twice"},
	{"zip: case", zipSample(nil, "files/a", "files/A"), "only in case"},
	{"zip: file and folder", zipSample(nil, "files/a", "files/a/b"), "twice"},
	{"zip: encrypted", func(t *testing.T) []byte {
		t.Helper()
		data := zipOf(t, map[string]string{"template.yaml": "about: a\n"})
		at := bytes.LastIndex(data, []byte("PK\x01\x02"))
		data[at+8] |= 1
		return data
	}, "encrypted"},
	{"zip: unknown method", func(t *testing.T) []byte {
		t.Helper()
		data := zipOf(t, map[string]string{"template.yaml": "about: a\n"})
		at := bytes.LastIndex(data, []byte("PK\x01\x02"))
		data[at+10] = 99
		return data
	}, "cannot read the zip archive"},
	{"zip: bomb", with(zipOf, "files/a", strings.Repeat("\x00", maxFile+1)), "at most 16 MiB"},
	{"zip: bomb of many files", func(t *testing.T) []byte {
		t.Helper()
		files := maps.Clone(small)
		for i := range 9 {
			files[fmt.Sprintf("files/%d", i)] = strings.Repeat("\x00", maxFile)
		}
		return zipOf(t, files)
	}, "at most 128 MiB"},
	{"zip: bomb of overlapping files", overlapping(500, 1<<20), "at most 128 MiB"},
	{"zip: less than it is", lying(10), ""},
	{"zip: more than it is", lying(5000), ""},
	{"zip: far more than it is", lying(1<<32 - 2), "at most 16 MiB"},
	{"zip: many files", tooMany(zipOf, "files/%d"), "at most 20000"},
	{"zip: many files beside the template", tooMany(zipOf, "x/%d"), "at most 20000"},
	{"zip: more than the end says", overlapping(1<<16+100, 1), "at most 20000"},
	{"zip: endless directory", overlapping(400_000, 1), "of names"},
	{"zip: huge manifest", with(zipOf, "template.yaml", bigText), "at most 1 MiB"},
	{"zip: cut", cut(zipOf), "cannot read the zip archive"},
	{"zip: only its start", func(*testing.T) []byte { return []byte("PK\x03\x04") }, "cannot read the zip archive"},
	{"zip: no template", func(t *testing.T) []byte {
		t.Helper()
		return zipOf(t, map[string]string{"files/a": ""})
	}, "no template"},
}

func TestHostileArchives(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, test := range hostileArchives {
		if names[test.name] {
			t.Errorf("sample %s exists twice", test.name)
		}
		names[test.name] = true
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			data := test.make(t)
			found, err := unpack(t.Context(), bytes.NewReader(data), int64(len(data)), "")
			if err == nil {
				_, err = found.fs()
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || len(err.Error()) > 1000 || strings.ContainsFunc(err.Error(), unprintable) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
	t.Logf("%d samples", len(hostileArchives))
}

func TestInvalidArchives(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, map[string]string{"folder.zip/a": ""})
	big, err := os.Create(filepath.Join(dir, "big.tar"))
	if err != nil {
		t.Fatal(err)
	}
	if err := big.Truncate(maxArchive + 1); err != nil {
		t.Fatal(err)
	}
	big.Close()
	for name, want := range map[string]string{"folder.zip": "is a folder", "none.zip": "no such archive", "big.tar": "at most 128 MiB"} {
		_, err := disk("").Open(t.Context(), parse(t, filepath.Join(dir, name)))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}

func FuzzArchive(f *testing.F) {
	for _, pack := range []func(*testing.T, map[string]string) []byte{tarOf, zipOf} {
		f.Add(pack(&testing.T{}, below("top", small)), "")
	}
	f.Add(gzipOf(&testing.T{}, tarOf(&testing.T{}, small)), "")
	f.Add(tarSample(tar.Header{Name: "files/a", Typeflag: tar.TypeSymlink, Linkname: "/"}, tar.Header{Name: "../b"})(&testing.T{}), "")
	f.Add(overlapping(3, 5)(&testing.T{}), "files")
	f.Add(sparse(1<<40)(&testing.T{}), "")
	f.Fuzz(func(t *testing.T, data []byte, sub string) {
		if sub != "" && checkSub(sub) != nil {
			return
		}
		found, err := unpack(t.Context(), bytes.NewReader(data), int64(len(data)), sub)
		if err != nil {
			if strings.ContainsFunc(err.Error(), unprintable) || len(err.Error()) > 2000 {
				t.Errorf("got %q, want one short line", err)
			}
			return
		}
		files, err := found.fs()
		if err != nil {
			return
		}
		sum, count := int64(0), 0
		err = fs.WalkDir(files, ".", func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := fs.ReadFile(files, p)
			sum, count = sum+int64(len(data)), count+1
			if checkPath(p) != nil || !kept(p) || int64(len(data)) > maxFile {
				t.Errorf("%q is in the template", p)
			}
			return err
		})
		if err != nil || sum > maxTree || count > maxFiles {
			t.Errorf("got %d files of %d bytes, %v", count, sum, err)
		}
	})
}
