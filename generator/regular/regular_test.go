//go:build unix

package regular

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestOpenNeverBlocks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("pipe", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, name := range []string{"pipe", "link"} {
			if _, err := fs.ReadFile(FS{root}, name); !errors.Is(err, Err) {
				t.Errorf("ReadFile of %s: %v", name, err)
			}
			if _, err := fs.ReadDir(FS{root}, name); !errors.Is(err, Err) {
				t.Errorf("ReadDir of %s: %v", name, err)
			}
		}
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("opening a pipe blocks")
	}
	if data, err := fs.ReadFile(FS{root}, "file"); string(data) != "text" || err != nil {
		t.Errorf("file: %q, %v", data, err)
	}
	if list, err := fs.ReadDir(FS{root}, "."); len(list) != 4 || err != nil {
		t.Errorf("folder: %v, %v", list, err)
	}
}

func TestReadIsBounded(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte("12345678"), 0o600); err != nil {
		t.Fatal(err)
	}
	for limit, want := range map[int64]string{7: "longer than 7 bytes", 8: "", 9: ""} {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		data, err := Read(f, limit)
		f.Close()
		if want == "" && (err != nil || string(data) != "12345678") || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("limit %d: %q, %v", limit, data, err)
		}
	}
	// A file without a size, such as one in /proc: the read itself is limited.
	if f, err := os.Open("/proc/self/maps"); err == nil {
		defer f.Close()
		if _, err := Read(f, 10); err == nil || !strings.Contains(err.Error(), "longer than 10 bytes") {
			t.Errorf("a file without a size: %v", err)
		}
	}
}
