package template

import (
	"context"
	"errors"
	"io/fs"
	"testing"

	"dockerflow/generator/template/templatetest"
	"dockerflow/generator/tree"
)

// ending is a context that ends after it was checked a number of times.
type ending struct {
	context.Context
	left int
}

func (e *ending) Err() error {
	if e.left--; e.left < 0 {
		return context.Canceled
	}
	return nil
}

func TestInterruptEndsRendering(t *testing.T) {
	t.Parallel()
	svc := loadSvc(t, with(templatetest.Files(bare), map[string]string{"svc/files/x.tmpl": `<% range 100000 %><% true %><% end %>`}))
	ctx := &ending{t.Context(), 50}
	if tree, err := svc.RenderContext(ctx, Answers{"name": "app", "tidy": true}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %d files and %v", len(tree), err)
	}
	if ctx.left < -10 {
		t.Errorf("it continued for %d steps", -ctx.left)
	}
}

// The findings of an interrupted run are incomplete, and the interruption itself is not a finding.
func TestInterruptedLintFindsNoFaultInTheInterrupt(t *testing.T) {
	t.Parallel()
	judged := 0
	l := Lint{Judge: func(context.Context, tree.Tree) []Broken { judged++; return nil }}
	ctx := &ending{t.Context(), 30}
	fsys, err := fs.Sub(templatetest.Files("-- svc/template.yaml --\nabout: x\nversion: 1\n-- svc/files/x.tmpl --\n<% range 100000 %><% true %><% end %>\n"), "svc")
	if err != nil {
		t.Fatal(err)
	}
	if found := l.Run(ctx, fsys, "svc"); len(found) > 0 || judged > 0 || ctx.left > 0 {
		t.Errorf("found %v, judged %d results, and checked the context %d times", found, judged, 30-ctx.left)
	}
}
