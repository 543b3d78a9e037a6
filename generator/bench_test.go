package generator

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// project of n files of 40 lines, of which the template changes all; the user has changed every tenth of them.
func benchSides(n int) Sides {
	s := Sides{Base: Tree{}, Ours: Tree{}, Theirs: Tree{}, Labels: Labels{"ours", "base", "theirs"}}
	for i := range n {
		var text bytes.Buffer
		for line := range 40 {
			fmt.Fprintf(&text, "line %d of file %d, with some text behind it\n", line, i)
		}
		p := fmt.Sprintf("folder %d/sub/file %d", i/20, i)
		base := text.Bytes()
		s.Base[p] = File{0o644, base}
		s.Theirs[p] = File{0o644, bytes.Replace(base, []byte("line 30 "), []byte("their line 30 "), 1)}
		s.Ours[p] = s.Base[p]
		if i%10 == 0 {
			s.Ours[p] = File{0o644, bytes.Replace(base, []byte("line 10 "), []byte("our line 10 "), 1)}
		}
	}
	return s
}

func BenchmarkMerge(b *testing.B) {
	for _, n := range []int{30, 2000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := benchSides(n)
			for b.Loop() {
				if _, err := Merge(b.Context(), s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkUpdate reads, merges and changes all files of a project.
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
					ours, err := ReadTree(Disk{}, dir, paths)
					if err != nil {
						b.Fatal(err)
					}
					if part == "read" {
						continue
					}
					now := s
					now.Ours = ours
					u := Update{Dir: dir, State: filepath.Join(dir, StateFolder)}
					merged, err := Merge(b.Context(), now)
					if err != nil {
						b.Fatal(err)
					}
					for _, m := range merged {
						u.Edits = append(u.Edits, m.Edits()...)
					}
					if err := u.Apply(b.Context(), Disk{}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkRender makes the files of the templates that are shipped, as new does.
func BenchmarkRender(b *testing.B) {
	all, err := Load(os.DirFS("../templates"), nil)
	if err != nil {
		b.Fatal(err)
	}
	for _, t := range all {
		answers, err := t.Resolve(map[string]string{"name": "hello"})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(t.Name, func(b *testing.B) {
			for b.Loop() {
				if _, err := t.Render(answers); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
