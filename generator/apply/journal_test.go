package apply

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dockerflow/generator/merge"
	"dockerflow/generator/tree"
	"dockerflow/generator/tree/treetest"
)

// makeJournal creates a journal that passes as trusted, with any content.
func makeJournal(t *testing.T, state string, text []byte) {
	t.Helper()
	if err := os.Chmod(state, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{lockFile, originalsFile} {
		if err := os.Chmod(filepath.Join(state, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	lock, err := os.Lstat(filepath.Join(state, lockFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(state, journalFile), append([]byte(header(lock)), text...), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A journal may be damaged or crafted: it must not touch anything outside the project, or .git inside it.
func TestHostileStateFolder(t *testing.T) {
	t.Parallel()
	blob := newBlob(&tree.File{Mode: 0o755, Data: []byte("evil")})
	old := func(p string) journal {
		return journal{Token: "x", Edits: []journalEdit{{Path: p, Old: blob}}}
	}
	setuid := *blob
	setuid.Mode = fs.ModeSetuid | 0o755
	big := *blob
	big.Size = 1 << 40
	negative := *blob
	negative.Size = -1
	tests := []struct {
		name    string
		journal any
		want    string
	}{
		{"not JSON", "{", "is damaged"},
		{"cut off", json.RawMessage(`{"token": "x", "edits": [{"path": "a"`), "is damaged"},
		{"a path outside the project", old("../outside"), "want a relative UTF-8 path"},
		{"an absolute path", old("/etc/passwd"), "want a relative UTF-8 path"},
		{"a hook of git", old(".git/hooks/post-commit"), "want nothing inside .git"},
		{"a file that makes a repository", old("a/HEAD"), "want no file HEAD"},
		{"a folder outside the project", journal{Token: "x", Made: []string{"../outside"}}, "want a relative UTF-8 path"},
		{"a restored folder outside the project", journal{Token: "x", Emptied: []emptied{{"../new", 0o755}}}, "want a relative UTF-8 path"},
		{"a token with a path", journal{Token: "../../x", Edits: old("a").Edits}, "token"},
		{"no token", journal{Edits: old("a").Edits}, "token"},
		{"an original of other content", journal{Token: "x", Edits: []journalEdit{{Path: "a", Old: newBlob(&tree.File{Mode: 0o644, Data: []byte("good")})}}}, "has the wrong content"},
		{"an original that is too large", journal{Token: "x", Edits: []journalEdit{{Path: "a", Old: &big}}}, "has the wrong content"},
		{"an original of negative size", journal{Token: "x", Edits: []journalEdit{{Path: "a", Old: &negative}}}, "has the wrong content"},
		{"a mode that makes a program run as its owner", journal{Token: "x", Edits: []journalEdit{{Path: "a", Old: &setuid}}}, "mode urwxr-xr-x"},
		{"a mode of a new file", journal{Token: "x", Edits: []journalEdit{{Path: "a", New: &setuid}}}, "mode urwxr-xr-x"},
		{"a mode of a folder", journal{Token: "x", Emptied: []emptied{{"d", fs.ModeSticky | 0o777}}}, "mode trwxrwxrwx"},
		{"through a link to outside", old("link/evil"), "path escapes from parent"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			data, err := json.Marshal(tt.journal)
			if text, ok := tt.journal.(string); ok || err != nil {
				data = []byte(text)
			}
			dir := "project/"
			state := dir + tree.StateFolder + "/"
			root := treetest.Folder{
				dir + ".git/hooks/": "", "outside/x": "x", dir + "link@": "../outside", dir + "a": "mine\n",
				state + originalsFile: "evil", state + lockFile: "",
			}.Make(t)
			makeJournal(t, filepath.Join(root, state), data)
			before := treetest.Look(t, root)
			for _, what := range []func(fsys tree.FS, dir, state string) (Recovery, error){Recover, Abort} {
				if _, err := what(tree.Disk{}, root+"/project", root+"/"+state); err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %q", err, tt.want)
				}
			}
			if diff := cmp.Diff(before, treetest.Look(t, root)); diff != "" {
				t.Errorf("(-before +after):\n%s", diff)
			}
		})
	}
}

// pending leaves a state folder behind, as a killed run does. It returns the project and the state folder.
func pending(t *testing.T) (dir, state string) {
	t.Helper()
	dir = treetest.Folder{"a": "new", "b": "mine"}.Make(t)
	state = filepath.Join(dir, tree.StateFolder)
	u := &Transaction{Dir: dir, State: state, Edits: []merge.Edit{{Path: "a", Old: &tree.File{Mode: 0o644, Data: []byte("old")}, New: &tree.File{Mode: 0o644, Data: []byte("new")}}}}
	u.Edits[0].Old.Data = []byte("old")
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	tr, err := u.begin(tree.Disk{})
	if err != nil {
		t.Fatal(err)
	}
	defer tr.close()
	if err := tr.prepare(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte("new"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir, state
}

// A clone, an archive or a copy can contain a state folder. Nothing in it is acted on.
func TestAForeignStateFolderIsLeftAlone(t *testing.T) {
	t.Parallel()
	read := func(t *testing.T, name string) []byte {
		t.Helper()
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for name, tamper := range map[string]func(state string) error{
		"a copy": func(state string) error {
			if err := os.Rename(state, state+".was"); err != nil {
				return err
			}
			defer os.RemoveAll(state + ".was")
			return os.CopyFS(state, os.DirFS(state+".was"))
		},
		"another lock": func(state string) error {
			if err := os.WriteFile(filepath.Join(state, "other"), nil, 0o600); err != nil {
				return err
			}
			return os.Rename(filepath.Join(state, "other"), filepath.Join(state, lockFile))
		},
		"no lock":        func(state string) error { return os.Remove(filepath.Join(state, lockFile)) },
		"no originals":   func(state string) error { return os.Remove(filepath.Join(state, originalsFile)) },
		"a shared place": func(state string) error { return os.Chmod(state, 0o777) },
		"a shared file":  func(state string) error { return os.Chmod(filepath.Join(state, journalFile), 0o666) },
		"a journal of the first format": func(state string) error {
			data, err := os.ReadFile(filepath.Join(state, journalFile))
			if err != nil {
				return err
			}
			_, text, _ := strings.Cut(string(data), "\n")
			return os.WriteFile(filepath.Join(state, journalFile), []byte(strings.Replace(text, "{", `{"format": 1,`, 1)), 0o600)
		},
		"a link to a journal": func(state string) error {
			if err := os.Rename(filepath.Join(state, journalFile), filepath.Join(state, "x")); err != nil {
				return err
			}
			return os.Symlink("x", filepath.Join(state, journalFile))
		},
		"a link to a folder": func(state string) error {
			if err := os.Rename(state, state+".was"); err != nil {
				return err
			}
			return os.Symlink(filepath.Base(state)+".was", state)
		},
		"a file": func(state string) error {
			if err := os.RemoveAll(state); err != nil {
				return err
			}
			return os.WriteFile(state, nil, 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, state := pending(t)
			if err := tamper(state); err != nil {
				t.Fatal(err)
			}
			_, looked := Inspect(tree.Disk{}, state)
			_, recovered := Recover(tree.Disk{}, dir, state)
			_, aborted := Abort(tree.Disk{}, dir, state)
			for what, err := range map[string]error{"Look": looked, "Recover": recovered, "Abort": aborted} {
				if !errors.Is(err, ErrForeign) && !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("%s: %v", what, err)
				}
			}
			if got := string(read(t, filepath.Join(dir, "a"))); got != "new" {
				t.Errorf("a has %q: something was rolled back", got)
			}
		})
	}
	dir, state := pending(t)
	if found, err := Recover(tree.Disk{}, dir, state); err != nil || found.Phase != Begun || string(read(t, filepath.Join(dir, "a"))) != "old" {
		t.Errorf("own state folder: %+v, %v", found, err)
	}
}

// A journal can have any size: only the limit is read.
func TestAHugeStateIsNotRead(t *testing.T) {
	t.Parallel()
	for _, name := range []string{journalFile, originalsFile} {
		dir, state := pending(t)
		if err := os.Truncate(filepath.Join(state, name), 3<<30); err != nil {
			t.Fatal(err)
		}
		if _, err := Recover(tree.Disk{}, dir, state); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "longer than") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNothingIsWrittenWithMoreThanPermissions(t *testing.T) {
	t.Parallel()
	dir := treetest.Folder{"old": "old"}.Make(t)
	const mode = fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky | 0o755
	u := &Transaction{Dir: dir, State: filepath.Join(dir, tree.StateFolder), Edits: []merge.Edit{
		{Path: "old", Old: &tree.File{Mode: 0o644, Data: []byte("old")}, New: &tree.File{Mode: mode, Data: []byte("new")}}, {Path: "new", New: &tree.File{Mode: mode, Data: nil}},
	}}
	if err := u.Apply(t.Context(), tree.Disk{}); err != nil {
		t.Fatal(err)
	}
	plan, err := NewPlan(tree.Disk{}, filepath.Join(dir, "project"), tree.Tree{"x": {Mode: mode, Data: nil}})
	if err == nil {
		err = plan.Apply(t.Context(), tree.Disk{})
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"old", "new", "project/x"} {
		info, err := os.Lstat(filepath.Join(dir, name))
		if err != nil || info.Mode()&^fs.ModePerm != 0 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

// FuzzJournal acts on any journal as if it were trusted: nothing outside the project changes, no file gets a mode
// beyond permissions, and nothing panics.
func FuzzJournal(f *testing.F) {
	f.Add([]byte(`{"token": "x", "edits": [{"path": "a", "old": {"mode": 420, "size": 4, "sha256": "x"}}]}`), []byte("evil"), true)
	f.Add([]byte(`{"token": "x", "keep": true, "made": ["d/e"], "emptied": [{"path": "n", "mode": 511}], "edits": []}`), []byte(""), false)
	f.Add([]byte(`{"token": "..", "made": ["../outside", "/x", "link"], "notes": {"a": "AA=="}, "edits": [{"path": ".git/hooks/x"}]}`), []byte(""), true)
	f.Add([]byte("dockerflow journal 2 1@1\n{}"), []byte("x"), false)
	f.Fuzz(func(t *testing.T, text, originals []byte, trust bool) {
		root := treetest.Folder{"outside/x": "x", "project/link@": "../outside", "project/a": "mine\n", "project/d/e/": "", "project/.git/hooks/": ""}.Make(t)
		dir := filepath.Join(root, "project")
		state := filepath.Join(dir, tree.StateFolder)
		if err := os.Mkdir(state, 0o700); err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string][]byte{lockFile: nil, originalsFile: originals, journalFile: text} {
			if err := os.WriteFile(filepath.Join(state, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if trust {
			makeJournal(t, state, text)
		}
		before := treetest.Look(t, root)
		found, err := Recover(tree.Disk{}, dir, state)
		after := treetest.Look(t, root)
		if !trust && err == nil && found.Phase != None {
			t.Errorf("acts on a foreign journal: %+v", found)
		}
		for name, was := range before {
			if !strings.HasPrefix(name, "project/") && after[name] != was || strings.HasPrefix(name, "project/.git/") && after[name] != was {
				t.Errorf("%s was %q and is %q", name, was, after[name])
			}
		}
		for name := range after {
			if before[name] == "" && !strings.HasPrefix(name, "project/") {
				t.Errorf("%s is new", name)
			}
			if info, err := os.Lstat(filepath.Join(root, name)); err == nil && info.Mode()&(fs.ModeSetuid|fs.ModeSetgid|fs.ModeSticky) != 0 {
				t.Errorf("%s has mode %v", name, info.Mode())
			}
		}
	})
}

// A folder can have the name of a file that is refused.
func TestFoldersOfRefusedNames(t *testing.T) {
	t.Parallel()
	j := journal{Token: "x", Made: []string{"HEAD"}, Emptied: []emptied{{".gitmodules", 0o755}}}
	if err := j.check(nil); err != nil {
		t.Error(err)
	}
	for _, p := range []string{"HEAD/", ".gitmodules/"} {
		if err := tree.CheckNamed(p); err != nil {
			t.Errorf("%s: %v", p, err)
		}
	}
}
