//go:build linux

package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/afero"

	"dockerflow/generator/tree"
)

// at is a folder in which a sample is created.
type at struct {
	*testing.T
	dir string
}

func (a at) path(p string) string { return filepath.Join(a.dir, filepath.FromSlash(p)) }

func (a at) link(p, to string) {
	a.Helper()
	remove(a.T, a.path(p))
	if err := os.Symlink(to, a.path(p)); err != nil {
		a.Fatal(err)
	}
}

func (a at) pipe(p string) {
	a.Helper()
	remove(a.T, a.path(p))
	if err := syscall.Mkfifo(a.path(p), 0o644); err != nil {
		a.Fatal(err)
	}
}

func (a at) file(p string) { a.Helper(); write(a.T, a.dir, map[string]string{p: ""}) }

// large creates a large sparse file.
func (a at) large(p string, size int64) {
	a.Helper()
	a.file(p)
	if err := os.Truncate(a.path(p), size); err != nil {
		a.Fatal(err)
	}
}

var hostileFolders = []struct {
	name string
	make func(at)
	want string
}{
	{"link", func(a at) { a.link("files/x", "a.txt") }, `"files/x" is a link`},
	{"link out", func(a at) { a.link("files/x", "/etc/passwd") }, `"files/x" is a link`},
	{"link to a folder", func(a at) { a.link("files/x", "b") }, `"files/x" is a link`},
	{"link in a circle", func(a at) { a.link("files/x", ".") }, `"files/x" is a link`},
	{"dangling link", func(a at) { a.link("files/x", "none") }, `"files/x" is a link`},
	{"link in parts", func(a at) { a.link("parts/x", "d.md") }, `"parts/x" is a link`},
	{"link for files", func(a at) { a.link("files", "parts") }, `"files" is a link`},
	{"link for the manifest", func(a at) { a.link("template.yaml", "README.md") }, `"template.yaml" is a link`},
	{"pipe", func(a at) { a.pipe("files/x") }, `"files/x" is a named pipe`},
	{"pipe for the manifest", func(a at) { a.pipe("template.yaml") }, `"template.yaml" is a named pipe`},
	{"pipe for files", func(a at) { a.pipe("files") }, `"files" is a named pipe`},
	{"socket", func(a at) {
		l, err := net.Listen("unix", a.path("files/x"))
		if err != nil {
			a.Fatal(err)
		}
		a.Cleanup(func() { l.Close() })
	}, `"files/x" is a socket`},
	{"device", func(a at) {
		if err := syscall.Mknod(a.path("files/x"), syscall.S_IFCHR|0o666, 1<<8|5); err != nil {
			a.Skip("cannot create a device here")
		}
	}, `"files/x" is a device`},
	{"files is a file", func(a at) { remove(a.T, a.path("files")); a.file("files") }, "files is not a folder"},
	{"manifest is a folder", func(a at) { remove(a.T, a.path("template.yaml")); a.file("template.yaml/x") }, `"template.yaml" is a folder`},
	{"no manifest", func(a at) { remove(a.T, a.path("template.yaml")) }, "want a template.yaml there"},
	{"huge manifest", func(a at) { a.large("template.yaml", 1<<40) }, "at most 1 MiB"},
	{"huge part", func(a at) { a.large("parts/x", maxText+1) }, "at most 1 MiB"},
	{"huge template", func(a at) { a.large("files/x.tmpl", maxText+1) }, "at most 1 MiB"},
	{"huge file", func(a at) { a.large("files/x", 1<<40) }, "at most 16 MiB"},
	{"huge files", func(a at) {
		for i := range 9 {
			a.large(fmt.Sprint("files/", i), maxFile)
		}
	}, "at most 128 MiB"},
	{"deep", func(a at) { a.file("files/" + strings.Repeat("a/", maxElements) + "a") }, "at most 33 elements"},
	{"deep folders", func(a at) {
		if err := os.MkdirAll(a.path("files/"+strings.Repeat("a/", 100)), 0o755); err != nil {
			a.Fatal(err)
		}
	}, "at most 33 elements"},
	{"long name", func(a at) { a.file("files/" + strings.Repeat("a", maxPath)) }, "at most 211 bytes"},
	{"case", func(a at) { a.file("files/A.txt"); a.file("files/B/x") }, "only in case"},
	{"backslash", func(a at) { a.file(`files/a\b`) }, "backslash"},
	{"escape sequence", func(a at) { a.file("files/\x1b[2J") }, "control"},
	{"not UTF-8", func(a at) { a.file("files/\xff") }, "UTF-8"},
}

// Opening a pipe would block until its other end is opened.
func TestHostileFolders(t *testing.T) {
	t.Parallel()
	for _, test := range hostileFolders {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			write(t, dir, small)
			test.make(at{t, dir})
			began := time.Now()
			_, err := disk("").Open(t.Context(), parse(t, dir))
			fails(t, test.name, err, test.want)
			if took := time.Since(began); took > 20*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
	t.Logf("%d samples", len(hostileFolders))
}

// Files next to the template are not read.
func TestBesideTheTemplate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, small)
	a := at{t, dir}
	a.link("link", "/etc/passwd")
	a.pipe("pipe")
	a.large("large", 1<<40)
	a.file(".git/config")
	a.file("node_modules/\xff")
	a.file("FILES/a.txt")
	found, err := disk("").Open(t.Context(), parse(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	holds(t, found, keptOf(small))
}

func TestHostilePlaces(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a := at{t, dir}
	write(t, dir, below("real", small))
	write(t, dir, below("real/sub", small))
	a.link("link", "real")
	a.link("real/out", "/")
	a.link("real/in", "sub")
	a.pipe("pipe")
	a.pipe("pipe.zip")
	for in, want := range map[string]string{
		"none":           "no such folder",
		"pipe":           "not a folder",
		"pipe.zip":       "not a named pipe",
		"real/README.md": "not a folder; the name of an archive ends in",
		"real//none":     "there is no folder none in the source",
		"real//out":      `"out" is a link`,
		"real//out/etc":  `"out" is a link`,
		"real//in":       `"in" is a link`,
		"real//files":    "want a template.yaml there",
		"real//parts":    "want a template.yaml there",
	} {
		_, err := disk("").Open(t.Context(), parse(t, dir+"/"+in))
		fails(t, in, err, want)
	}
	// The folder itself may be reached through a link: the user named it.
	found, err := disk("").Open(t.Context(), parse(t, dir+"/link"))
	if err != nil {
		t.Fatal(err)
	}
	holds(t, found, keptOf(small))
}

// A file may be replaced after it was checked: opening it must not block.
func TestPipeInPlaceOfAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at{t, dir}.pipe("x")
	within, err := tree.Disk{}.Within(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer within.Close()
	_, _, err = openFile(within, "x")
	fails(t, "pipe", err, "not a regular file")
}

func TestManyFilesInAFolder(t *testing.T) {
	t.Parallel()
	memory := tree.NewMemory()
	for p, text := range below("team", small) {
		if err := afero.WriteFile(memory, p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for i := range maxFiles {
		if err := afero.WriteFile(memory, fmt.Sprintf("team/files/x/%05d", i), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r := Reader{FS: memory}
	_, err := r.Open(t.Context(), parse(t, "./team"))
	fails(t, "many files", err, "at most 20000")
	for i := range 20 {
		if err := memory.Remove(fmt.Sprintf("team/files/x/%05d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Open(t.Context(), parse(t, "./team")); err != nil {
		t.Error(err)
	}
}

// A program that git started and that ignores SIGTERM is killed, too: it holds a pipe open until then.
func TestStubbornPrograms(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git not found")
	}
	a := at{t, t.TempDir()}
	a.pipe("alive")
	write(t, a.dir, map[string]string{"ssh": fmt.Sprintf("#!/bin/sh\ntrap '' TERM\nexec 9> %q\necho x >&9\nsleep 300\n", a.path("alive"))})
	if err := os.Chmod(a.path("ssh"), 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		f, err := os.Open(a.path("alive"))
		if err == nil {
			_, err = io.ReadFull(f, make([]byte, 1))
			cancel()
		}
		if err == nil {
			_, err = io.ReadAll(f)
			f.Close()
		}
		ended <- err
	}()
	g := by(t, "", "GIT_SSH_COMMAND="+a.path("ssh"), "GIT_SSH_VARIANT=ssh")
	if _, err := g.open(ctx, parse(t, "git@host.example:a/b")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(20 * time.Second):
		t.Error("the program is still running")
	}
}
