package source

import (
	"testing"

	"github.com/spf13/afero"

	"dockerflow/generator/tree"
)

func TestFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, small)
	write(t, dir, below("x/sub", small))
	memory := tree.NewMemory()
	for p, text := range below("team/x/sub", small) {
		if err := afero.WriteFile(memory, p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		fs tree.FS
		in string
	}{{tree.Disk{}, dir}, {tree.Disk{}, dir + "//x/sub"}, {tree.Disk{}, dir + "/x/sub"}, {memory, "./team//x/sub"}, {memory, "./team/x/sub"}} {
		found, err := Reader{FS: test.fs}.Open(t.Context(), parse(t, test.in))
		if err != nil {
			t.Errorf("%s: %v", test.in, err)
			continue
		}
		holds(t, found, keptOf(small))
	}
}
