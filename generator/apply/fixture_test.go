package apply

import (
	"os"
	"testing"

	"dockerflow/generator/merge"
	"dockerflow/generator/tree"
	"dockerflow/generator/tree/treetest"
)

func TestMain(m *testing.M) {
	treetest.InMemory()
	os.Exit(m.Run()) //nolint:forbidigo // as every TestMain
}

var (
	small = tree.Tree{
		"README.md":   {Mode: 0o644, Data: []byte("read\n")},
		"bin/run":     {Mode: 0o755, Data: []byte("#!/bin/sh\n")},
		"src/a/b.txt": {Mode: 0o644, Data: []byte("b\r\n\x00\xff")},
		"src/empty":   {Mode: 0o644, Data: []byte{}},
	}
	create = []Change{
		{Path: "README.md", Action: merge.Create}, {Path: "bin/run", Action: merge.Create},
		{Path: "src/a/b.txt", Action: merge.Create}, {Path: "src/empty", Action: merge.Create},
	}
)

// project writes small into a folder.
func project(dir string) treetest.Folder {
	w := treetest.Folder{}
	for p, f := range small {
		if f.Mode&0o100 != 0 {
			p += " +x"
		}
		w[dir+"/"+p] = string(f.Data)
	}
	return w
}

func plan(t *testing.T, dir string, decide merge.Action) *Plan {
	t.Helper()
	p, err := NewPlan(tree.Disk{}, dir, small)
	if err != nil {
		t.Fatal(err)
	}
	if decide != "" {
		p.Decide(decide)
	}
	return p
}
