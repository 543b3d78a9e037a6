package apply

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"dockerflow/generator/merge"
	"dockerflow/generator/tree"
)

// benchSides returns a project of n files of 40 lines. The template changes all of them, and the user has changed
// every tenth.
func benchSides(n int) merge.Sides {
	s := merge.Sides{Base: tree.Tree{}, Ours: tree.Tree{}, Theirs: tree.Tree{}, Labels: merge.Labels{Ours: "ours", Base: "base", Theirs: "theirs"}}
	for i := range n {
		var text bytes.Buffer
		for line := range 40 {
			fmt.Fprintf(&text, "line %d of file %d, with some text behind it\n", line, i)
		}
		p := fmt.Sprintf("folder %d/sub/file %d", i/20, i)
		base := text.Bytes()
		s.Base[p] = tree.File{Mode: 0o644, Data: base}
		s.Theirs[p] = tree.File{Mode: 0o644, Data: bytes.Replace(base, []byte("line 30 "), []byte("their line 30 "), 1)}
		s.Ours[p] = s.Base[p]
		if i%10 == 0 {
			s.Ours[p] = tree.File{Mode: 0o644, Data: bytes.Replace(base, []byte("line 10 "), []byte("our line 10 "), 1)}
		}
	}
	return s
}

func BenchmarkMerge(b *testing.B) {
	for _, n := range []int{30, 2000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := benchSides(n)
			for b.Loop() {
				if _, err := merge.Merge(b.Context(), s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkUpdate measures reading, merging and changing all files of a project.
func BenchmarkUpdate(b *testing.B) {
	for _, n := range []int{30, 2000} {
		for _, part := range []string{"all", "tenth", "read"} {
			b.Run(fmt.Sprintf("%d/%s", n, part), func(b *testing.B) {
				s := benchSides(n)
				if part == "tenth" {
					for p := range s.Theirs {
						if len(p)%10 != 0 && bytes.HasSuffix([]byte(p), []byte("7")) == false {
							s.Theirs[p] = s.Base[p]
						}
					}
				}
				var paths []string
				for p := range s.Theirs {
					paths = append(paths, p)
				}
				for b.Loop() {
					b.StopTimer()
					dir := b.TempDir()
					for p, f := range s.Ours {
						if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, p)), 0o755); err != nil {
							b.Fatal(err)
						}
						if err := os.WriteFile(filepath.Join(dir, p), f.Data, 0o644); err != nil {
							b.Fatal(err)
						}
					}
					b.StartTimer()
					ours, err := tree.ReadTree(tree.Disk{}, dir, paths)
					if err != nil {
						b.Fatal(err)
					}
					if part == "read" {
						continue
					}
					now := s
					now.Ours = ours
					u := Transaction{Dir: dir, State: filepath.Join(dir, tree.StateFolder)}
					merged, err := merge.Merge(b.Context(), now)
					if err != nil {
						b.Fatal(err)
					}
					for _, m := range merged {
						u.Edits = append(u.Edits, m.Edits()...)
					}
					if err := u.Apply(b.Context(), tree.Disk{}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
