package generator

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// but returns create with other changes for some paths.
func but(changed ...Change) []Change {
	all := append([]Change(nil), create...)
	for _, c := range changed {
		for i := range all {
			if all[i].Path == c.Path {
				all[i] = c
			}
		}
	}
	return all
}

func TestPlan(t *testing.T) {
	t.Parallel()
	const (
		content = "has other content"
		mode    = "has the same content and another mode"
		special = "is not a regular file"
		parent  = "the folder that it should be in cannot be used"
	)
	tests := []struct {
		name string
		dir  string
		have world
		want []Change
	}{
		{"a folder that is not there", "new", world{}, create},
		{"a folder whose parents are not there", "a/b/new", world{"x": "x"}, create},
		{"a folder behind a link that was typed", "link/new", world{"else/": "", "link@": "else"}, create},
		{"an empty folder", "dir", world{"dir/": ""}, create},
		{"a folder with other files", "dir", world{"dir/other": "x", "dir/src/other": "y"}, create},
		{
			"the same file, with its mode", "dir",
			world{"dir/README.md": "read\n", "dir/bin/run +x": "#!/bin/sh\n"},
			but(Change{Path: "README.md", Action: Identical, Old: []byte("read\n")}, Change{Path: "bin/run", Action: Identical, Old: []byte("#!/bin/sh\n")}),
		},
		{"another content", "dir", world{"dir/README.md": "mine\n"}, but(Change{Path: "README.md", Action: Conflict, Why: content, Old: []byte("mine\n")})},
		{"the content without its last line end", "dir", world{"dir/README.md": "read"}, but(Change{Path: "README.md", Action: Conflict, Why: content, Old: []byte("read")})},
		{"another content in place of none", "dir", world{"dir/src/empty": "x"}, but(Change{Path: "src/empty", Action: Conflict, Why: content, Old: []byte("x")})},
		{"not executable", "dir", world{"dir/bin/run": "#!/bin/sh\n"}, but(Change{Path: "bin/run", Action: Conflict, Why: mode, Old: []byte("#!/bin/sh\n")})},
		{"executable", "dir", world{"dir/README.md +x": "read\n"}, but(Change{Path: "README.md", Action: Conflict, Why: mode, Old: []byte("read\n")})},
		{"a file that is too large to show", "dir", world{"dir/README.md": strings.Repeat("x", maxOld+1)}, but(Change{Path: "README.md", Action: Conflict, Why: content})},
		{"such a file in place of none", "dir", world{"dir/src/empty": strings.Repeat("x", maxOld+1)}, but(Change{Path: "src/empty", Action: Conflict, Why: content})},
		{"a folder in the way", "dir", world{"dir/README.md/": ""}, but(Change{Path: "README.md", Action: Conflict, Why: "is a folder", fixed: true})},
		{"a link in the way, though it leads to the same", "dir", world{"dir/README.md@": "other", "dir/other": "read\n"}, but(Change{Path: "README.md", Action: Conflict, Why: special, fixed: true})},
		{"a link that leads nowhere", "dir", world{"dir/README.md@": "nowhere"}, but(Change{Path: "README.md", Action: Conflict, Why: special, fixed: true})},
		{"a link that leads out", "dir", world{"dir/README.md@": "../secret", "secret": "s"}, but(Change{Path: "README.md", Action: Conflict, Why: special, fixed: true})},
		{"a folder that leads out", "dir", world{"dir/bin@": "../else", "else/": ""}, but(Change{Path: "bin/run", Action: Conflict, Why: parent, fixed: true})},
		{"a folder that leads out by an absolute path", "dir", world{"dir/bin@": os.TempDir()}, but(Change{Path: "bin/run", Action: Conflict, Why: parent, fixed: true})},
		{"a folder that leads to itself", "dir", world{"dir/bin@": "bin"}, but(Change{Path: "bin/run", Action: Conflict, Why: parent, fixed: true})},
		{"a folder that leads to another within", "dir", world{"dir/bin@": "scripts", "dir/scripts/run +x": "#!/bin/sh\n"}, but(Change{Path: "bin/run", Action: Identical, Old: []byte("#!/bin/sh\n")})},
		{"a file for a folder", "dir", world{"dir/bin": "x"}, but(Change{Path: "bin/run", Action: Conflict, Why: parent, fixed: true})},
		{
			"a file for a folder further up, and all else at once", "dir",
			world{"dir/src": "x", "dir/README.md": "mine\n", "dir/bin/run/": ""},
			[]Change{
				{Path: "README.md", Action: Conflict, Why: content, Old: []byte("mine\n")},
				{Path: "bin/run", Action: Conflict, Why: "is a folder", fixed: true},
				{Path: "src/a/b.txt", Action: Conflict, Why: parent, fixed: true},
				{Path: "src/empty", Action: Conflict, Why: parent, fixed: true},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := tt.have.make(t)
			before := look(t, root)
			p, err := NewPlan(Disk{}, filepath.Join(root, tt.dir), small)
			if err != nil {
				t.Fatal(err)
			}
			opts := cmp.Options{cmp.AllowUnexported(Change{}), cmpopts.IgnoreFields(Change{}, "File", "seen")}
			if diff := cmp.Diff(tt.want, p.Changes, opts); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(small, p.Tree()); diff != "" {
				t.Errorf("what it would write (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, look(t, root)); diff != "" {
				t.Errorf("a plan must write nothing (-before +after):\n%s", diff)
			}
		})
	}
}

func TestPlanRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, dir, want string }{
		{"a file", "file", "file is not a folder"},
		{"below a file", "file/new", "file is not a folder"},
		{"far below a file", "file/a/b/new", "file is not a folder"},
		{"a link to a folder", "link", "link is a symbolic link: name the folder that it leads to"},
		{"a link to a folder, with a slash", "link/", "link is a symbolic link: name the folder that it leads to"},
		{"a link to a file", "tofile", "tofile is a symbolic link"},
		{"below a link to a file", "tofile/new", "tofile is not a folder"},
		{"a link that leads nowhere", "dangling", "dangling is a symbolic link"},
		{"below a link that leads nowhere", "dangling/a/new", "dangling is a symbolic link that leads nowhere"},
		{"a link to itself", "loop", "loop is a symbolic link"},
		{"below a link to itself", "loop/new", "too many levels of symbolic links"},
		{"a name that is too long", strings.Repeat("x", 300), "file name too long"},
		{"a name with NUL", "a\x00b", "invalid argument"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := world{"file": "x", "folder/": "", "link@": "folder", "tofile@": "file", "dangling@": "nowhere", "loop@": "loop"}.make(t)
			before := look(t, root)
			if p, err := NewPlan(Disk{}, root+"/"+tt.dir, small); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v; want %q in the error", p, err, tt.want)
			}
			if diff := cmp.Diff(before, look(t, root)); diff != "" {
				t.Errorf("it wrote (-before +after):\n%s", diff)
			}
		})
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	root := world{"README.md": "mine\n", "bin/run +x": "#!/bin/sh\n", "src/a/b.txt/": ""}.make(t)
	tests := []struct {
		name      string
		decide    Action
		want      []Action // of README.md, bin/run, src/a/b.txt and src/empty
		conflicts []string
		tree      []string
	}{
		{"nothing decided", "", []Action{Conflict, Identical, Conflict, Create}, []string{"README.md", "src/a/b.txt"}, []string{"README.md", "bin/run", "src/a/b.txt", "src/empty"}},
		{"skip leaves all that is in the way", Skip, []Action{Skip, Identical, Skip, Create}, nil, []string{"bin/run", "src/empty"}},
		{"overwrite takes regular files only", Overwrite, []Action{Overwrite, Identical, Conflict, Create}, []string{"src/a/b.txt"}, []string{"README.md", "bin/run", "src/a/b.txt", "src/empty"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := NewPlan(Disk{}, root, small)
			if err != nil {
				t.Fatal(err)
			}
			if tt.decide != "" {
				p.Decide(tt.decide)
			}
			var got []Action
			for _, c := range p.Changes {
				got = append(got, c.Action)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("actions (-want +got):\n%s", diff)
			}
			var conflicts []string
			for _, c := range p.Conflicts() {
				conflicts = append(conflicts, c.Path)
			}
			if diff := cmp.Diff(tt.conflicts, conflicts); diff != "" {
				t.Errorf("conflicts (-want +got):\n%s", diff)
			}
			tree := Tree{}
			for _, name := range tt.tree {
				tree[name] = small[name]
			}
			if diff := cmp.Diff(tree, p.Tree()); diff != "" {
				t.Errorf("tree (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAddKeepsTheOrderAndWhatWasDecided(t *testing.T) {
	t.Parallel()
	root := world{"README.md": "mine\n", RecordFile: "mine\n"}.make(t)
	p, err := NewPlan(Disk{}, root, small)
	if err != nil {
		t.Fatal(err)
	}
	p.Decide(Skip)
	if err := p.Add(Disk{}, Tree{RecordFile: {0o644, []byte("record\n")}, "m": {0o644, []byte("m\n")}}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range p.Changes {
		got = append(got, c.Path+" "+string(c.Action))
	}
	want := []string{RecordFile + " conflict", "README.md skip", "bin/run create", "m create", "src/a/b.txt create", "src/empty create"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}
