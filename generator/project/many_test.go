package project

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"dockerflow/generator/template"
	"dockerflow/generator/template/templatetest"
	"dockerflow/generator/tree"
)

// Concurrent renders of one template, some with the same answers, give the same results as separate ones, although their
// trees and records share bytes and ids. Run it with -race, too.
func TestRenderManyAtATime(t *testing.T) {
	t.Parallel()
	load := func() *template.Template {
		all, err := template.Load(templatetest.Files(templatetest.Escaping), nil)
		if err != nil {
			t.Fatal(err)
		}
		return all[0]
	}
	render := func(svc *template.Template, n int) (tree.Tree, error) {
		a, err := svc.Resolve(map[string]string{"name": fmt.Sprintf("app%d", n%7), "description": fmt.Sprintf("number %d", n%3)})
		if err != nil {
			return nil, err
		}
		files, err := svc.Render(a)
		if err == nil {
			files[tree.RecordFile] = NewRecord(svc, a, Written{Files: files})
		}
		return files, err
	}
	const n = 200
	got, shared := make([]tree.Tree, n), load()
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
