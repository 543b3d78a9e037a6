package tree

import (
	"errors"
	"io/fs"
	"sync"
	"testing"
)

// Of folders that are placed side by side under one name, one gets it, as on a disk: no run takes another's folder away.
func TestMemoryPlacesOneFolderUnderAName(t *testing.T) {
	t.Parallel()
	for range 500 {
		memory := NewMemory()
		var done sync.WaitGroup
		placed := make(chan string, 4)
		for _, from := range []string{"a", "b", "c", "d"} {
			if err := memory.Mkdir(from, 0o755); err != nil {
				t.Fatal(err)
			}
			done.Go(func() {
				switch err := memory.Place(from, "out"); {
				case err == nil:
					placed <- from
				case !errors.Is(err, fs.ErrExist):
					t.Error(err)
				}
			})
		}
		done.Wait()
		if len(placed) != 1 {
			t.Fatalf("%d folders got the name", len(placed))
		}
	}
}
