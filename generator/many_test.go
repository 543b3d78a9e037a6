package generator

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
)

// Many renders of one template at a time, some with the same answers, are what each is alone: their trees share bytes, and
// their records the ids of those. This is for -race, too.
func TestRenderManyAtATime(t *testing.T) {
	t.Parallel()
	load := func() *Template {
		all, err := Load(files(escaping), nil)
		if err != nil {
			t.Fatal(err)
		}
		return all[0]
	}
	render := func(svc *Template, n int) (Tree, error) {
		a, err := svc.Resolve(map[string]string{"name": fmt.Sprintf("app%d", n%7), "description": fmt.Sprintf("number %d", n%3)})
		if err != nil {
			return nil, err
		}
		tree, err := svc.Render(a)
		if err == nil {
			tree[RecordFile] = NewRecord(svc, a, Written{Files: tree})
		}
		return tree, err
	}
	const n = 200
	got, shared := make([]Tree, n), load()
	var g errgroup.Group
	g.SetLimit(8)
	for i := range n {
		g.Go(func() (err error) {
			got[i], err = render(shared, i)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		want, err := render(load(), i)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got[i]); diff != "" {
			t.Fatalf("render %d (-alone +with others):\n%s", i, diff)
		}
	}
}
