package merge

import (
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dockerflow/generator/tree"
)

func mergeAll(tb testing.TB, s Sides) []Merged {
	tb.Helper()
	all, err := Merge(tb.Context(), s)
	if err != nil {
		tb.Fatal(err)
	}
	return all
}

// file returns a file for a table: "+x" at the end of the text makes it executable.
func file(data string) *tree.File {
	data, executable := strings.CutSuffix(data, "+x")
	f := &tree.File{Mode: 0o644, Data: []byte(data)}
	if executable {
		f.Mode = 0o755
	}
	return f
}

// All outcomes for one path, by what each side has. "-" means no file. The base may be known by its recorded id only.
func TestMergeOfOneFile(t *testing.T) {
	t.Parallel()
	const (
		base   = "a\nb\nc\nd\ne\n"
		mine   = "A\nb\nc\nd\ne\n"
		yours  = "a\nb\nc\nd\nE\n"
		both   = "A\nb\nc\nd\nE\n"
		clash  = "Z\nb\nc\nd\ne\n"
		marked = "<<<<<<< ours\nA\n||||||| base\na\n=======\nZ\n>>>>>>> theirs\nb\nc\nd\ne\n"
		two    = "<<<<<<< ours\nA\n=======\na\n>>>>>>> theirs\nb\nc\nd\ne\n"
		two2   = "<<<<<<< ours\nA\n=======\nZ\n>>>>>>> theirs\nb\nc\nd\ne\n"
		sh     = "#!/bin/sh\nb\nc\nd\n"
		dos    = "a\r\nb\r\nc\r\nd\r\ne\r\n"
		bin    = "\x00base"
		bin2   = "\x00mine"
		bin3   = "\x00yours"
	)
	tests := []struct {
		base, ours, theirs string
		unknown            bool // the content of the base is recorded by its id only
		action             Action
		want               string
		beside             bool
		because            string
	}{
		// The template still has the file, or has it again.
		{"-", "-", base, false, Create, base, false, "only the template has it"},
		{"-", base, base, false, Identical, base, false, "the user created what the template writes"},
		{"-", dos, base, false, Identical, dos, false, "the user's line endings are kept"},
		{"-", mine, base, false, Conflict, two, false, "the user created it, and there is no base"},
		{"-", base + "+x", base, false, Keep, base + "+x", false, "same content: the user's mode is kept"},
		{"-", bin2, bin3, false, Conflict, bin2, true, "binary files cannot have markers"},
		{"-", bin2, bin2, false, Identical, bin2, false, "the same binary file"},
		{base, "-", base, false, Deleted, "-", false, "a deleted file is not restored"},
		{base, "-", yours, false, Deleted, "-", false, "a deleted file is not restored by a new version"},
		{base, base, base, false, Identical, base, false, "nobody changed it"},
		{base, base, yours, false, Take, yours, false, "only the template changed it"},
		{base, mine, base, false, Keep, mine, false, "only the user changed it"},
		{base, mine, mine, false, Identical, mine, false, "both made the same change"},
		{base, mine, yours, false, Both, both, false, "both changed it, in different places"},
		{base, mine, clash, false, Conflict, marked, false, "both changed the same line"},
		{base, mine, both, false, Take, both, false, "the template has the user's change, and more"},
		{base, both, mine, false, Keep, both, false, "the user has the template's change, and more"},
		{base, "", yours, false, Conflict, "<<<<<<< ours\n||||||| base\n" + base + "=======\n" + yours + ">>>>>>> theirs\n", false, "the user emptied what the template changed"},
		{base, base, "", false, Take, "", false, "the template emptied it"},
		{base, mine, base, true, Keep, mine, false, "the template's id is that of the record: no change"},
		{base, base, yours, true, Take, yours, false, "the user's id is that of the record: no change"},
		{base, dos, yours, true, Take, strings.ReplaceAll(yours, "\n", "\r\n"), false, "only line endings differ from the record: no change"},
		{base, mine, clash, true, Conflict, two2, false, "both changed it, and the base is lost"},
		{base, mine, mine, true, Identical, mine, false, "both made the same change: no base is needed"},

		// Line endings.
		{base, dos, base, false, Identical, dos, false, "git or an editor changed the line endings"},
		{base, dos, yours, false, Take, strings.ReplaceAll(yours, "\n", "\r\n"), false, "the user's line endings are kept when the template changes"},
		{base, strings.ReplaceAll(mine, "\n", "\r\n"), yours, false, Both, strings.ReplaceAll(both, "\n", "\r\n"), false, "the user's line endings are kept in a merge"},
		{base, base, dos, false, Identical, base, false, "only the line endings differ"},
		{"a\n", "a", "a\n", false, Keep, "a", false, "the last newline is content"},
		{"a\n", "a\n", "a", false, Take, "a", false, "the template's last newline is content, too"},
		{bin + "\r\n", bin + "\n", bin + "\r\n", false, Keep, bin + "\n", false, "a binary file has no line endings"},

		// Modes.
		{base, base + "+x", base, false, Keep, base + "+x", false, "only the user changed the mode"},
		{base, base + "+x", yours, false, Take, yours + "+x", false, "the mode is the user's, the content the template's"},
		{base, mine + "+x", yours, false, Both, both + "+x", false, "a merge has the user's mode"},
		{base, mine + "+x", clash, false, Conflict, marked + "+x", false, "a conflict, too"},
		{sh + "+x", sh, sh + "+x", false, Keep, sh, false, "the user removed the executable bit"},
		{base, base, sh + "+x", false, Take, sh + "+x", false, "the template made it executable"},
		{sh + "+x", sh + "+x", base, false, Take, base, false, "the template made it not executable"},
		{base, sh, sh + "+x", false, Take, sh + "+x", false, "the same content, and only the template changed the mode"},
		{base, sh + "+x", sh + "+x", false, Identical, sh + "+x", false, "both made it executable"},

		// Binary files.
		{bin, bin, bin3, false, Take, bin3, false, "only the template changed it"},
		{bin, bin2, bin, false, Keep, bin2, false, "only the user changed it"},
		{bin, bin2, bin2, false, Identical, bin2, false, "both made the same change"},
		{bin, bin2, bin3, false, Conflict, bin2, true, "the user's is kept, the template's is written beside it"},
		{bin, mine, yours, false, Conflict, mine, true, "a binary base cannot be merged by lines"},
		{base, mine, bin3, false, Conflict, mine, true, "the template's version is binary"},
		{base, bin2, yours, false, Conflict, bin2, true, "the user's version is binary"},

		// The template no longer has the file.
		{base, base, "-", false, Remove, "-", false, "it is the unchanged file of the template"},
		{base, base, "-", true, Remove, "-", false, "the record is enough to know"},
		{base, dos, "-", true, Remove, "-", false, "line endings are not a change"},
		{base, mine, "-", false, Gone, mine, false, "the user's change would be lost"},
		{base, mine, "-", true, Gone, mine, false, "a file that may be the user's is kept"},
		{base, base + "+x", "-", false, Gone, base + "+x", false, "a mode is a change"},
		{bin, bin, "-", false, Remove, "-", false, "it is the unchanged binary file of the template"},
		{bin, bin2, "-", false, Gone, bin2, false, "the user's change of a binary file would be lost"},
		{base, "-", "-", false, "", "-", false, "it is gone on both sides: no report"},
		{"-", mine, "-", false, "", mine, false, "a user's own file is ignored"},
	}
	for _, tt := range tests {
		t.Run(tt.because, func(t *testing.T) {
			t.Parallel()
			s := Sides{Base: tree.Tree{}, Recorded: map[string]string{}, Ours: tree.Tree{}, Theirs: tree.Tree{}, Labels: sides}
			for tree, data := range map[*tree.Tree]string{&s.Base: tt.base, &s.Ours: tt.ours, &s.Theirs: tt.theirs} {
				if data != "-" {
					(*tree)["p"] = *file(data)
				}
			}
			if tt.base != "-" {
				s.Recorded["p"] = tree.BlobID(s.Base["p"].Data)
			}
			if tt.unknown {
				s.Base = nil
			}
			got := merged{"", tt.ours, false}
			for _, m := range mergeAll(t, s) {
				got.action, got.beside = m.Action, m.Beside != ""
				if got.data = "-"; m.Result != nil {
					got.data = string(m.Result.Data)
					if tree.CanExecute(m.Result.Mode) {
						got.data += "+x"
					}
				}
			}
			if want := (merged{tt.action, tt.want, tt.beside}); got != want {
				t.Errorf("base %q, ours %q, theirs %q: got\n%+v, want\n%+v", tt.base, tt.ours, tt.theirs, got, want)
			}
		})
	}
}

type merged struct {
	action Action
	data   string
	beside bool
}

// all returns what a merge reports and does, one line for each path.
func all(merged []Merged) (said, done []string) {
	for _, m := range merged {
		line := m.Path + " " + string(m.Action)
		if m.From != "" {
			line += " from " + m.From
		}
		if m.Why != "" {
			line += ": " + m.Why
		}
		said = append(said, line)
		for _, e := range m.Edits() {
			switch {
			case e.New == nil:
				done = append(done, "- "+e.Path)
			case e.Old == nil:
				done = append(done, "+ "+e.Path)
			default:
				done = append(done, "! "+e.Path)
			}
		}
	}
	return said, done
}

func TestMergeOfTrees(t *testing.T) {
	t.Parallel()
	const made = "you created this file, and the template now has one, too"
	files := func(files ...string) tree.Tree {
		all := tree.Tree{}
		for _, f := range files {
			name, data, _ := strings.Cut(f, "=")
			switch {
			case strings.HasSuffix(name, "/"):
				all[strings.TrimSuffix(name, "/")] = tree.File{Mode: fs.ModeDir}
			case strings.HasSuffix(name, "@"):
				all[strings.TrimSuffix(name, "@")] = tree.File{Mode: fs.ModeSymlink}
			case strings.HasSuffix(name, "?"):
				all[strings.TrimSuffix(name, "?")] = tree.File{Mode: fs.ModeIrregular}
			default:
				all[name] = *file(data + "\n")
			}
		}
		return all
	}
	moved := map[string]string{"old": "new", "new": "newer"}
	tests := []struct {
		name               string
		base, ours, theirs tree.Tree
		said, done         []string
	}{
		{"moved, unchanged", files("old=1"), files("old=1"), files("new=1"), []string{"new identical from old"}, []string{"- old", "+ new"}},
		{"moved and changed", files("old=1"), files("old=1"), files("new=2"), []string{"new take from old"}, []string{"- old", "+ new"}},
		{"moved, and the user changed it", files("old=1"), files("old=3"), files("new=1"), []string{"new keep from old"}, []string{"- old", "+ new"}},
		{"moved, and both changed it", files("old=1"), files("old=3"), files("new=2"), []string{"new conflict from old: you and the template changed the same lines"}, []string{"- old", "+ new"}},
		{"moved twice since", files("old=1"), files("old=1"), files("newer=1"), []string{"newer identical from old"}, []string{"- old", "+ newer"}},
		{"moved, and the user did it first", files("old=1"), files("new=3"), files("new=1"), []string{"new keep"}, nil},
		{"moved, and the user deleted it", files("old=1"), files(), files("new=2"), []string{"new deleted"}, nil},
		{"moved to where the user has a file", files("old=1"), files("old=1", "new=3"), files("new=1"), []string{"new conflict: " + made, "old remove"}, []string{"! new", "- old"}},
		{"moved to where the user has a file, and changed", files("old=1"), files("old=2", "new=3"), files("new=1"), []string{"new conflict: " + made, "old gone: you changed it"}, []string{"! new"}},
		{"moved, and there is a link in its place", files("old=1"), files("old@"), files("new=1"), []string{"new create", "old gone: there is a symbolic link at this path"}, []string{"+ new"}},
		{"not moved: the old place is still the template's", files("old=1"), files("old=1"), files("old=1", "new=1"), []string{"new create", "old identical"}, []string{"+ new"}},
		{"not moved: the new place was the template's before", files("old=1", "new=1"), files("old=1", "new=1"), files("new=2"), []string{"new take", "old remove"}, []string{"! new", "- old"}},
		{"moved to a path that is not written", files("old=1"), files("old=1"), files(), []string{"old remove"}, []string{"- old"}},

		{"a link for a file, and nothing new", files("p=1"), files("p@"), files("p=1"), []string{"p keep: there is a symbolic link at this path"}, nil},
		{"a link for a file that changed", files("p=1"), files("p@"), files("p=2"), []string{"p conflict: there is a symbolic link at this path"}, []string{"+ p.theirs"}},
		{"a link where a file comes", files(), files("p@"), files("p=2"), []string{"p conflict: there is a symbolic link at this path"}, []string{"+ p.theirs"}},
		{"a folder where a file comes", files(), files("p/", "p/x=1"), files("p=2"), []string{"p conflict: there is a folder at this path"}, []string{"+ p.theirs"}},
		{"a place that cannot be looked at", files(), files("p/x?"), files("p/x=2"), []string{"p/x conflict: its parent folder cannot be used"}, nil},
		{"a file for a folder", files(), files("p=1"), files("p/x=2"), []string{"p/x conflict: p is a file"}, nil},
		{"a file for a folder of what has not changed", files("p/x=2"), files("p=1"), files("p/x=2"), []string{"p/x keep: p is a file"}, nil},
		{"a file becomes a folder", files("p=1"), files("p=1"), files("p/x=2"), []string{"p remove", "p/x create"}, []string{"- p", "+ p/x"}},
		{"a file becomes a folder, and the user changed it", files("p=1"), files("p=3"), files("p/x=2"), []string{"p gone: you changed it", "p/x conflict: p is a file"}, nil},
		{"a folder becomes a file", files("p/x=1"), files("p/", "p/x=1"), files("p=2"), []string{"p create", "p/x remove"}, []string{"+ p", "- p/x"}},
		{"a folder becomes a file, and the user has one in it", files("p/x=1"), files("p/", "p/x=1", "p/y=2"), files("p=2"), []string{"p conflict: there is a folder at this path", "p/x remove"}, []string{"+ p.theirs", "- p/x"}},
		{"the place beside is taken", files(), files("p@", "p.theirs=mine"), files("p=2"), []string{"p conflict: there is a symbolic link at this path"}, []string{"+ p.theirs~"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			said, done := all(mergeAll(t, Sides{Base: tt.base, Ours: tt.ours, Theirs: tt.theirs, Moved: moved, Labels: sides}))
			if diff := cmp.Diff([][]string{tt.said, tt.done}, [][]string{said, done}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	t.Run("a circle of moves", func(t *testing.T) {
		t.Parallel()
		said, _ := all(mergeAll(t, Sides{Base: files("a=1"), Ours: files("a=1"), Theirs: files("c=1"), Moved: map[string]string{"a": "b", "b": "a"}}))
		if diff := cmp.Diff([]string{"a remove", "c create"}, said); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// randomSides returns trees with few paths, so that all combinations occur.
func randomSides(r *rand.Rand) Sides {
	paths := []string{"a", "b", "c/d", "c/e", "f/g/h", "i"}
	some := func() []byte {
		switch r.IntN(8) {
		case 0:
			return []byte{0, byte(r.IntN(3))}
		case 1:
			return []byte("#!/bin/sh\n")
		}
		return []byte(random(r, "", r.IntN(8)).base)
	}
	s := Sides{Base: tree.Tree{}, Ours: tree.Tree{}, Theirs: tree.Tree{}, Moved: map[string]string{"a": "i", "c/d": "b"}, Labels: sides}
	for _, p := range paths {
		f := tree.NewFile(some())
		for _, files := range []tree.Tree{s.Base, s.Ours, s.Theirs} {
			switch r.IntN(6) {
			case 0:
			case 1:
				files[p] = tree.NewFile(some())
			case 2, 3:
				text := slices.Collect(strings.Lines(string(f.Data)))
				files[p] = tree.NewFile([]byte(strings.Join(edited(r, text, 6), "")))
			default:
				files[p] = f
			}
		}
	}
	return s
}

// after returns the project after all edits.
func after(t *testing.T, ours tree.Tree, merged []Merged) tree.Tree {
	t.Helper()
	tree := maps.Clone(ours)
	for _, m := range merged {
		for _, e := range m.Edits() {
			if e.New == nil {
				delete(tree, e.Path)
			}
		}
	}
	for _, m := range merged {
		for _, e := range m.Edits() {
			if e.New != nil {
				tree[e.Path] = *e.New
			}
		}
	}
	return tree
}

func TestAnUnmodifiedTreeBecomesThatOfTheTemplate(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(9, 10))
	for range 1000 {
		s := randomSides(r)
		s.Ours = s.Base
		if diff := cmp.Diff(s.Theirs, after(t, s.Ours, mergeAll(t, s))); diff != "" {
			t.Fatalf("base %q, theirs %q (-theirs +got):\n%s", s.Base, s.Theirs, diff)
		}
	}
}

// Next time, the base is what the template wrote this time.
func TestAMergeMadeTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 12))
	for range 1000 {
		s := randomSides(r)
		s.Ours = after(t, s.Ours, mergeAll(t, s))
		s.Base, s.Recorded = s.Theirs, nil
		for _, m := range mergeAll(t, s) {
			if edits := m.Edits(); len(edits) > 0 {
				t.Fatalf("%s %s %s: %+v", m.Path, m.Action, m.Why, edits)
			}
		}
	}
}

func TestTheOrderOfFilesDoesNotMatter(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(13, 14))
	for range 500 {
		s := randomSides(r)
		want := fmt.Sprintf("%+v", after(t, s.Ours, mergeAll(t, s)))
		for _, tree := range []*tree.Tree{&s.Base, &s.Ours, &s.Theirs} { // map order differs each time
			*tree = maps.Clone(*tree)
		}
		if got := fmt.Sprintf("%+v", after(t, s.Ours, mergeAll(t, s))); got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
	}
}

func TestNoUserLineIsLostInATree(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(15, 16))
	for range 1000 {
		s := randomSides(r)
		got := after(t, s.Ours, mergeAll(t, s))
		var everything []byte
		for _, f := range got {
			everything = append(append(everything, f.Data...), '\n')
		}
		pristine := map[string]bool{}
		for _, f := range s.Base {
			for line := range strings.Lines(string(f.Data)) {
				pristine[line] = true
			}
		}
		for p, f := range s.Ours {
			for line := range strings.Lines(string(f.Data)) {
				if !pristine[line] && !strings.Contains("\n"+string(everything), line) {
					t.Fatalf("%s: %q is lost", p, line)
				}
			}
		}
	}
}

// Wanted must return each id without which a base would be missing, and no others.
func TestWantedIsWhatAMergeNeeds(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(17, 18))
	fewer := 0
	for range 1000 {
		s := randomSides(r)
		want := mergeAll(t, s)
		base := s.Base
		s.Recorded = map[string]string{}
		for p, f := range base {
			s.Recorded[p] = tree.BlobID(f.Data)
		}
		s.Base = tree.Tree{}
		for p, id := range s.Wanted() {
			if id != tree.BlobID(base[p].Data) {
				t.Fatalf("%s: got the id %s", p, id)
			}
			s.Base[p] = base[p]
		}
		if len(s.Base) < len(base)/2 {
			fewer++
		}
		wantSaid, wantDone := all(want)
		said, done := all(mergeAll(t, s))
		if diff := cmp.Diff([][]string{wantSaid, wantDone}, [][]string{said, done}); diff != "" {
			t.Fatalf("with the wanted bases only (-all +wanted):\n%s", diff)
		}
	}
	if fewer < 200 {
		t.Errorf("only %d of 1000 merges wanted less than half", fewer)
	}
}
