package apply

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"dockerflow/generator/merge"
	"dockerflow/generator/tree"
	"dockerflow/generator/tree/treetest"
)

// but returns create with other changes at some paths.
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
		content = "has different content"
		mode    = "has the same content but another mode"
		special = "is not a regular file"
		parent  = "its parent folder cannot be used"
	)
	tests := []struct {
		name string
		dir  string
		have treetest.Folder
		want []Change
	}{
		{"a folder that is not there", "new", treetest.Folder{}, create},
		{"a folder whose parents are not there", "a/b/new", treetest.Folder{"x": "x"}, create},
		{"a folder through a link in the given path", "link/new", treetest.Folder{"else/": "", "link@": "else"}, create},
		{"an empty folder", "dir", treetest.Folder{"dir/": ""}, create},
		{"a folder with other files", "dir", treetest.Folder{"dir/other": "x", "dir/src/other": "y"}, create},
		{
			"the same file, with its mode", "dir",
			treetest.Folder{"dir/README.md": "read\n", "dir/bin/run +x": "#!/bin/sh\n"},
			but(Change{Path: "README.md", Action: merge.Identical, Old: []byte("read\n")}, Change{Path: "bin/run", Action: merge.Identical, Old: []byte("#!/bin/sh\n")}),
		},
		{"another content", "dir", treetest.Folder{"dir/README.md": "mine\n"}, but(Change{Path: "README.md", Action: merge.Conflict, Why: content, Old: []byte("mine\n")})},
		{"the content without its last line end", "dir", treetest.Folder{"dir/README.md": "read"}, but(Change{Path: "README.md", Action: merge.Conflict, Why: content, Old: []byte("read")})},
		{"content in place of an empty file", "dir", treetest.Folder{"dir/src/empty": "x"}, but(Change{Path: "src/empty", Action: merge.Conflict, Why: content, Old: []byte("x")})},
		{"not executable", "dir", treetest.Folder{"dir/bin/run": "#!/bin/sh\n"}, but(Change{Path: "bin/run", Action: merge.Conflict, Why: mode, Old: []byte("#!/bin/sh\n")})},
		{"executable", "dir", treetest.Folder{"dir/README.md +x": "read\n"}, but(Change{Path: "README.md", Action: merge.Conflict, Why: mode, Old: []byte("read\n")})},
		{"a file that is too large to show", "dir", treetest.Folder{"dir/README.md": strings.Repeat("x", maxOld+1)}, but(Change{Path: "README.md", Action: merge.Conflict, Why: content})},
		{"such a file in place of an empty file", "dir", treetest.Folder{"dir/src/empty": strings.Repeat("x", maxOld+1)}, but(Change{Path: "src/empty", Action: merge.Conflict, Why: content})},
		{"a folder in the way", "dir", treetest.Folder{"dir/README.md/": ""}, but(Change{Path: "README.md", Action: merge.Conflict, Why: "is a folder", fixed: true})},
		{"a link in the way, to equal content", "dir", treetest.Folder{"dir/README.md@": "other", "dir/other": "read\n"}, but(Change{Path: "README.md", Action: merge.Conflict, Why: special, fixed: true})},
		{"a dangling link", "dir", treetest.Folder{"dir/README.md@": "nowhere"}, but(Change{Path: "README.md", Action: merge.Conflict, Why: special, fixed: true})},
		{"a link to outside", "dir", treetest.Folder{"dir/README.md@": "../secret", "secret": "s"}, but(Change{Path: "README.md", Action: merge.Conflict, Why: special, fixed: true})},
		{"a folder outside the project", "dir", treetest.Folder{"dir/bin@": "../else", "else/": ""}, but(Change{Path: "bin/run", Action: merge.Conflict, Why: parent, fixed: true})},
		{"a link to a folder outside, by an absolute path", "dir", treetest.Folder{"dir/bin@": os.TempDir()}, but(Change{Path: "bin/run", Action: merge.Conflict, Why: parent, fixed: true})},
		{"a link to itself in place of a folder", "dir", treetest.Folder{"dir/bin@": "bin"}, but(Change{Path: "bin/run", Action: merge.Conflict, Why: parent, fixed: true})},
		{"a link to another folder inside", "dir", treetest.Folder{"dir/bin@": "scripts", "dir/scripts/run +x": "#!/bin/sh\n"}, but(Change{Path: "bin/run", Action: merge.Identical, Old: []byte("#!/bin/sh\n")})},
		{"a file for a folder", "dir", treetest.Folder{"dir/bin": "x"}, but(Change{Path: "bin/run", Action: merge.Conflict, Why: parent, fixed: true})},
		{
			"a file in place of a parent folder, and all other conflicts at once", "dir",
			treetest.Folder{"dir/src": "x", "dir/README.md": "mine\n", "dir/bin/run/": ""},
			[]Change{
				{Path: "README.md", Action: merge.Conflict, Why: content, Old: []byte("mine\n")},
				{Path: "bin/run", Action: merge.Conflict, Why: "is a folder", fixed: true},
				{Path: "src/a/b.txt", Action: merge.Conflict, Why: parent, fixed: true},
				{Path: "src/empty", Action: merge.Conflict, Why: parent, fixed: true},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := tt.have.Make(t)
			before := treetest.Look(t, root)
			p, err := NewPlan(tree.Disk{}, filepath.Join(root, tt.dir), small)
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
			if diff := cmp.Diff(before, treetest.Look(t, root)); diff != "" {
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
		{"a link to a folder", "link", "link is a symbolic link: use the path of the folder that it points to"},
		{"a link to a folder, with a slash", "link/", "link is a symbolic link: use the path of the folder that it points to"},
		{"a link to a file", "tofile", "tofile is a symbolic link"},
		{"below a link to a file", "tofile/new", "tofile is not a folder"},
		{"a dangling link", "dangling", "dangling is a symbolic link"},
		{"below a dangling link", "dangling/a/new", "dangling is a symbolic link to a path that does not exist"},
		{"a link to itself", "loop", "loop is a symbolic link"},
		{"below a link to itself", "loop/new", "too many levels of symbolic links"},
		{"a name that is too long", strings.Repeat("x", 300), "file name too long"},
		{"a name with NUL", "a\x00b", "invalid argument"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := treetest.Folder{"file": "x", "folder/": "", "link@": "folder", "tofile@": "file", "dangling@": "nowhere", "loop@": "loop"}.Make(t)
			before := treetest.Look(t, root)
			if p, err := NewPlan(tree.Disk{}, root+"/"+tt.dir, small); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v; want %q in the error", p, err, tt.want)
			}
			if diff := cmp.Diff(before, treetest.Look(t, root)); diff != "" {
				t.Errorf("it wrote (-before +after):\n%s", diff)
			}
		})
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	root := treetest.Folder{"README.md": "mine\n", "bin/run +x": "#!/bin/sh\n", "src/a/b.txt/": ""}.Make(t)
	tests := []struct {
		name      string
		decide    merge.Action
		want      []merge.Action // of README.md, bin/run, src/a/b.txt and src/empty
		conflicts []string
		tree      []string
	}{
		{"nothing decided", "", []merge.Action{merge.Conflict, merge.Identical, merge.Conflict, merge.Create}, []string{"README.md", "src/a/b.txt"}, []string{"README.md", "bin/run", "src/a/b.txt", "src/empty"}},
		{"skip leaves all that is in the way", merge.Skip, []merge.Action{merge.Skip, merge.Identical, merge.Skip, merge.Create}, nil, []string{"bin/run", "src/empty"}},
		{"overwrite takes regular files only", merge.Overwrite, []merge.Action{merge.Overwrite, merge.Identical, merge.Conflict, merge.Create}, []string{"src/a/b.txt"}, []string{"README.md", "bin/run", "src/a/b.txt", "src/empty"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := NewPlan(tree.Disk{}, root, small)
			if err != nil {
				t.Fatal(err)
			}
			if tt.decide != "" {
				p.Decide(tt.decide)
			}
			var got []merge.Action
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
			tree := tree.Tree{}
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
	root := treetest.Folder{"README.md": "mine\n", tree.RecordFile: "mine\n"}.Make(t)
	p, err := NewPlan(tree.Disk{}, root, small)
	if err != nil {
		t.Fatal(err)
	}
	p.Decide(merge.Skip)
	if err := p.Add(tree.Disk{}, tree.Tree{tree.RecordFile: {Mode: 0o644, Data: []byte("record\n")}, "m": {Mode: 0o644, Data: []byte("m\n")}}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range p.Changes {
		got = append(got, c.Path+" "+string(c.Action))
	}
	want := []string{tree.RecordFile + " conflict", "README.md skip", "bin/run create", "m create", "src/a/b.txt create", "src/empty create"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}
