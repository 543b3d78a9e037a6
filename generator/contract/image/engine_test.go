package image

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"dockerflow/generator/contract"
)

// command makes a script that stands for an engine's command.
func command(t *testing.T, name, script string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("it takes a shell")
	}
	path := filepath.Join(t.TempDir(), name)
	script = "#!/bin/sh\ncase $1 in --version) echo 'Docker version 28.2.2'; exit;; esac\n" + script
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func found(t *testing.T, path string) *Engine {
	t.Helper()
	e, err := Find(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestFind(t *testing.T) {
	t.Parallel()
	if e := found(t, command(t, "docker", "")); e.Name != "docker" || e.podman {
		t.Errorf("%+v", e)
	}
	for name, script := range map[string]string{"podman": "podman version 4.3.1", "docker": "podman version 5.4.2"} {
		path := command(t, name, "")
		if err := os.WriteFile(path, []byte("#!/bin/sh\necho "+script), 0o755); err != nil {
			t.Fatal(err)
		}
		if e := found(t, path); e.Name != name || !e.podman {
			t.Errorf("%s: %+v", script, e)
		}
	}
	var failure *Failure
	_, err := Find(t.Context(), filepath.Join(t.TempDir(), "podman"))
	if !errors.As(err, &failure) || !strings.Contains(failure.Hint, "--engine") {
		t.Errorf("%v", err)
	}
	broken := command(t, "docker", "")
	if err := os.WriteFile(broken, []byte("#!/bin/sh\necho out of order >&2; exit 1"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Find(t.Context(), broken); !errors.As(err, &failure) || !strings.HasSuffix(err.Error(), "out of order") {
		t.Errorf("%v", err)
	}
}

func TestErrorsHideArguments(t *testing.T) {
	t.Parallel()
	e := found(t, command(t, "docker", "echo \"bad\n  flag\" >&2; exit 125"))
	_, err := e.output(t.Context(), "create", "--env", "KEY=secret")
	if err == nil || err.Error() != "docker create: bad flag" {
		t.Errorf("%v", err)
	}
	e = found(t, command(t, "docker", "exit 3"))
	if _, err := e.output(t.Context(), "create", "KEY=secret"); err == nil || err.Error() != "docker create: exit status 3" {
		t.Errorf("%v", err)
	}
}

func TestOutputIsBounded(t *testing.T) {
	t.Parallel()
	e := found(t, command(t, "docker", "head -c 3000 /dev/zero; head -c 3000 /dev/zero >&2"))
	out, errs := &bounded{most: 1000}, &bounded{most: 10}
	if err := e.streams(t.Context(), shortly, call{args: []string{"logs"}, out: out, errs: errs}); err != nil {
		t.Fatal(err)
	}
	if out.buffer.Len() != 1000 || !out.cut || errs.buffer.Len() != 10 {
		t.Errorf("%d bytes, %d of errors", out.buffer.Len(), errs.buffer.Len())
	}
}

func TestCommandsEnd(t *testing.T) {
	t.Parallel()
	e := found(t, command(t, "docker", "echo started; exec tail -f /dev/null"))
	err := e.streams(t.Context(), 100*time.Millisecond, call{args: []string{"stop"}, out: io.Discard})
	if err == nil || err.Error() != "docker stop takes longer than 100ms" {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := e.streams(ctx, shortly, call{args: []string{"stop"}, out: hook(func([]byte) { cancel() })}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// hook is called with what is written.
type hook func([]byte)

func (h hook) Write(b []byte) (int, error) {
	h(b)
	return len(b), nil
}

// Unread output of docker save must not block it, and garbage is an error.
func TestReadGarbage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ script, want string }{
		"nothing":     {"exit 0", "it contains no complete image"},
		"no archive":  {"head -c 9000000 /dev/zero | tr '\\0' x", "invalid tar header"},
		"interrupted": {"echo 'disk full' >&2; exit 1", "docker save: disk full"},
	} {
		e := found(t, command(t, "docker", c.script))
		if _, err := Read(t.Context(), e, "hello", Reading{}); err == nil || !strings.Contains(err.Error(), c.want) && name != "nothing" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReadMarksAndWeighs(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.add(header("app/big", 0, 0o644, strings.Repeat("x", 1<<16-3)+"marker"+strings.Repeat("y", 1<<17)), header("app/else", 0, 0o644, "marke r"))
	i, err := Read(t.Context(), f.engine(), "hello", Reading{Mark: []byte("marker"), Weigh: true})
	if err != nil {
		t.Fatal(err)
	}
	var marked []string
	for _, l := range i.Layers {
		if l.Size <= 0 || l.Size > 10_000 {
			t.Errorf("%s weighs %d", l.DiffID, l.Size)
		}
		for _, f := range l.Files {
			if f.Marked {
				marked = append(marked, f.Name)
			}
		}
	}
	if len(marked) != 1 || marked[0] != "app/big" || len(i.Raw) == 0 {
		t.Errorf("%v is marked", marked)
	}
}

func TestHostileArchives(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ manifest, config string }{
		"no manifest":       {``, ``},
		"no JSON":           {`[`, `{}`},
		"null":              {`null`, `null`},
		"no layer":          {`[{"Config":"c","Layers":["../../x"]}]`, `{"rootfs":{"diff_ids":["a"]}}`},
		"fewer diff ids":    {`[{"Config":"c","Layers":["l"]}]`, `{"rootfs":{"diff_ids":[]}}`},
		"links in a circle": {`[{"Config":"c","Layers":["a"]}]`, `{"rootfs":{"diff_ids":["a"]}}`},
	} {
		a := &archive{documents: map[string][]byte{"manifest.json": []byte(c.manifest), "c": []byte(c.config)}, links: map[string]string{"a": "b", "b": "a"}, layers: map[string]*contract.Layer{"l": {}}}
		if i, err := a.image(); err == nil {
			t.Errorf("%s: %+v", name, i)
		}
	}
	i := &contract.Image{Files: map[string]*contract.File{
		"app/version.json": {Name: "app/version.json", Mode: os.ModeSymlink, Link: "other"}, "app/other": {Name: "app/other", Mode: os.ModeSymlink, Link: "version.json"},
	}}
	if f, link := i.File("app/version.json"); f != nil || link == "" {
		t.Errorf("%v %q", f, link)
	}
}

func TestMarkMayStraddleReads(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"a marker here": true, "a mark": false, "": false} {
		if got, err := holds(iotest.OneByteReader(strings.NewReader(text)), []byte("marker")); got != want || err != nil {
			t.Errorf("%q: %v %v", text, got, err)
		}
	}
}

// A layer that unpacks to no end ends with an interrupt, or where there is no room.
func TestReadEnds(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*archive){
		"interrupt": func(a *archive) { a.stopped = func() error { return context.Canceled } },
		"room":      func(a *archive) { a.room = 10_000 },
		"files":     func(a *archive) { a.left = 2 },
	} {
		var saved strings.Builder
		f := newFake(t)
		if err := f.save(&saved); err != nil {
			t.Fatal(err)
		}
		a := newArchive(Reading{}, func() error { return nil })
		change(a)
		if err := a.read(strings.NewReader(saved.String())); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func FuzzRead(f *testing.F) {
	var good strings.Builder
	fake := newFake(&testing.T{})
	if err := fake.save(&good); err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(good.String()))
	f.Add([]byte(`[{"Config":"c","Layers":["l"]}]`))
	f.Fuzz(func(_ *testing.T, data []byte) {
		a := newArchive(Reading{Mark: []byte("x")}, func() error { return nil })
		a.left, a.room = 1000, 1<<22
		if a.read(strings.NewReader(string(data))) != nil {
			return
		}
		if i, err := a.image(); err == nil {
			i.Merge()
			contract.CheckImage(&contract.Observed{Image: i})
		}
	})
}
