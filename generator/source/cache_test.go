package source

import (
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

// Tags and ids do not change, so the server is not asked twice.
func TestOffline(t *testing.T) {
	t.Parallel()
	o := serve(t, small)
	first := run(t, o.dir, "rev-parse", "HEAD")
	run(t, o.dir, "tag", "-a", "-m", "x", "v1")
	o.commit(t, map[string]string{"files/a.txt": "b\n"})
	r := disk(t.TempDir())
	open := func(behind string) (Found, error) { return r.Open(t.Context(), parse(t, o.url+behind)) }
	for _, behind := range []string{"@v1", "@main"} {
		if _, err := open(behind); err != nil {
			t.Fatal(err)
		}
	}
	asked := o.requests.Load()
	o.server.Close()
	var notes []string
	r.Note = func(s string) { notes = append(notes, s) }
	for _, behind := range []string{"@v1", "@" + first} {
		found, err := open(behind)
		if err != nil || found.Commit != first {
			t.Errorf("%s: got %s, %v", behind, found.Commit, err)
			continue
		}
		holds(t, found, keptOf(small))
	}
	if len(notes) > 0 || o.requests.Load() != asked {
		t.Errorf("the server was asked: %v", notes)
	}
	for _, behind := range []string{"", "@main", "@v2", "@" + sha1ID} {
		_, err := open(behind)
		fails(t, behind, err, "only a tag or a commit that was fetched before")
	}
	r.Offline = true
	notes = nil
	if _, err := open("@main"); err != nil {
		t.Error(err)
	}
	for _, behind := range []string{"", "@v2", "@" + sha1ID} {
		_, err := open(behind)
		fails(t, behind, err, "not in the cache")
	}
	if len(notes) > 0 {
		t.Errorf("the server was asked: %v", notes)
	}
}

func TestMovedBranch(t *testing.T) {
	t.Parallel()
	o := serve(t, small)
	r := disk(t.TempDir())
	for _, behind := range []string{"", "@main"} {
		for _, text := range []string{"1\n", "2\n", "3\n"} {
			commit := o.commit(t, map[string]string{"template.yaml": "about: a\n", "files/a": text})
			found, err := r.Open(t.Context(), parse(t, o.url+behind))
			if err != nil || found.Commit != commit {
				t.Fatalf("%q: got %s, %v; want %s", behind, found.Commit, err, commit)
			}
		}
	}
	run(t, o.dir, "reset", "--quiet", "--hard", "HEAD~2") // history that is rewritten
	found, err := r.Open(t.Context(), parse(t, o.url+"@main"))
	if want := run(t, o.dir, "rev-parse", "HEAD"); err != nil || found.Commit != want {
		t.Errorf("got %s, %v; want %s", found.Commit, err, want)
	}
	// A name can become the folder of another one, or differ from it only in case. Old refs stay.
	run(t, o.dir, "tag", "v1")
	if _, err := r.Open(t.Context(), parse(t, o.url+"@v1")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a", "a/b", "A"} {
		run(t, o.dir, "branch", name)
		if _, err := r.Open(t.Context(), parse(t, o.url+"@"+name)); err != nil {
			t.Error(err)
		}
		run(t, o.dir, "branch", "-D", name)
	}
	r.Offline = true
	if _, err := r.Open(t.Context(), parse(t, o.url+"@v1")); err != nil {
		t.Error(err)
	}
}

// cached returns the repository in the cache.
type cached struct {
	*testing.T
	dir string
}

func (c cached) remove(p string) { remove(c.T, filepath.Join(c.dir, p)) }
func (c cached) touch(p string)  { write(c.T, c.dir, map[string]string{p: ""}) }

// change modifies all files that match a pattern.
func (c cached) change(pattern string, to func([]byte) []byte) {
	c.Helper()
	all, err := filepath.Glob(filepath.Join(c.dir, pattern))
	if err != nil || len(all) == 0 {
		c.Fatalf("%s: %v, %v", pattern, all, err)
	}
	for _, p := range all {
		data, err := os.ReadFile(p)
		if err != nil {
			c.Fatal(err)
		}
		remove(c.T, p)
		if err := os.WriteFile(p, to(data), 0o644); err != nil {
			c.Fatal(err)
		}
	}
}

func (c cached) replace(pattern, text string) {
	c.change(pattern, func([]byte) []byte { return []byte(text) })
}

var damages = map[string]func(cached){
	"empty folder":   func(c cached) { c.remove(""); c.touch("x") },
	"half made":      func(c cached) { c.remove(""); c.touch("HEAD") },
	"a file":         func(c cached) { c.remove(""); c.touch("../" + filepath.Base(c.dir)) },
	"no HEAD":        func(c cached) { c.remove("HEAD") },
	"no objects":     func(c cached) { c.remove("objects") },
	"no packs":       func(c cached) { c.remove("objects/pack"); c.touch("objects/pack/x") },
	"no index":       func(c cached) { c.replace("objects/pack/*.idx", "") },
	"cut pack":       func(c cached) { c.change("objects/pack/*.pack", func(b []byte) []byte { return b[:len(b)/2] }) },
	"changed pack":   func(c cached) { c.change("objects/pack/*.pack", func(b []byte) []byte { clear(b[12:]); return b }) },
	"broken config":  func(c cached) { c.replace("config", "[core") },
	"newer format":   func(c cached) { c.replace("config", "[core]\nrepositoryformatversion = 99\n") },
	"broken ref":     func(c cached) { c.replace("refs/dockerflow/*", "x") },
	"ref to nobody":  func(c cached) { c.replace("refs/dockerflow/*", sha1ID+"\n") },
	"broken shallow": func(c cached) { c.replace("shallow", "x\n") },
	"locks": func(c cached) {
		for _, p := range []string{"shallow.lock", "config.lock", "HEAD.lock"} {
			c.touch(p)
		}
		for _, behind := range []string{"@v1", "@main"} {
			for _, w := range parse(c.T, "https://host/a"+behind).wants() {
				c.remove(w.local)
				c.touch(w.local + ".lock")
			}
		}
	},
}

func TestDamagedCache(t *testing.T) {
	t.Parallel()
	o := serve(t, small)
	run(t, o.dir, "tag", "v1")
	for name, damage := range damages {
		for _, behind := range []string{"@v1", "@main"} {
			if behind == "@main" && !slices.Contains([]string{"locks", "broken shallow", "no packs"}, name) {
				continue // everything is fetched again
			}
			t.Run(name+behind, func(t *testing.T) {
				t.Parallel()
				r := disk(t.TempDir())
				s := parse(t, o.url+behind)
				if _, err := r.Open(t.Context(), s); err != nil {
					t.Fatal(err)
				}
				dirs, err := filepath.Glob(filepath.Join(r.Cache, "git", "*[0-9a-f]"))
				if err != nil || len(dirs) != 1 {
					t.Fatalf("the cache holds %v, %v", dirs, err)
				}
				damage(cached{t, dirs[0]})
				found, err := r.Open(t.Context(), s)
				if err != nil {
					t.Fatal(err)
				}
				holds(t, found, keptOf(small))
			})
		}
	}
	t.Logf("%d damages", len(damages))
}

func remove(t *testing.T, p string) {
	t.Helper()
	if err := os.RemoveAll(p); err != nil {
		t.Fatal(err)
	}
}

func TestAtOnce(t *testing.T) {
	t.Parallel()
	o := serve(t, small)
	run(t, o.dir, "tag", "v1")
	r := disk(t.TempDir())
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			behind := []string{"", "@v1", "@main"}[i%3]
			found, err := r.Open(t.Context(), parse(t, o.url+behind))
			if err != nil {
				t.Errorf("%q: %v", behind, err)
				return
			}
			holds(t, found, keptOf(small))
		})
	}
	all.Wait()
}

func TestSHA256(t *testing.T) {
	t.Parallel()
	o := serve(t, small, "--object-format=sha256")
	run(t, o.dir, "tag", "v1")
	id := run(t, o.dir, "rev-parse", "HEAD")
	for _, all := range [][]string{{"@v1", "", "@main", "@" + id}, {"@" + id, "@v1"}} {
		r := disk(t.TempDir())
		for _, behind := range all {
			found, err := r.Open(t.Context(), parse(t, o.url+behind))
			if err != nil || found.Commit != id {
				t.Errorf("%q: got %q, %v", behind, found.Commit, err)
				continue
			}
			holds(t, found, keptOf(small))
		}
		asked := o.requests.Load()
		for _, behind := range []string{"@v1", "@" + id} {
			if _, err := r.Open(t.Context(), parse(t, o.url+behind)); err != nil || o.requests.Load() != asked {
				t.Errorf("%q: got %v, and %d requests", behind, err, o.requests.Load()-asked)
			}
		}
	}
}

// Before version 2 of git's protocol, a server only serves what its refs point to.
func TestOldServer(t *testing.T) {
	t.Parallel()
	o := serve(t, small)
	first := run(t, o.dir, "rev-parse", "HEAD")
	second := o.commit(t, map[string]string{"files/a.txt": "b\n"})
	run(t, o.dir, "tag", "v1")
	o.old = true
	r := disk(t.TempDir())
	_, err := r.Open(t.Context(), parse(t, o.url+"@"+first))
	fails(t, "an id", err, "does not serve commits by id: use a tag")
	for _, behind := range []string{"", "@v1", "@main", "@" + second} {
		found, err := r.Open(t.Context(), parse(t, o.url+behind))
		if err != nil || found.Commit != second {
			t.Errorf("%q: got %s, %v", behind, found.Commit, err)
		}
	}
}

func TestWithoutGit(t *testing.T) {
	t.Parallel()
	s := parse(t, "https://host.invalid/a")
	g := disk(t.TempDir()).git()
	g.program = filepath.Join(t.TempDir(), "git")
	_, err := g.open(t.Context(), s)
	fails(t, "no git", err, "install it")
	_, err = disk("").Open(t.Context(), s)
	fails(t, "no cache", err, "use a folder or an archive")
}
