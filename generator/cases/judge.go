package cases

import (
	"context"
	"fmt"

	"dockerflow/generator/contract"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
)

// Judge returns the rules of the contract that a tree breaks, as far as its files show them.
func Judge(ctx context.Context, tree tree.Tree) []template.Broken {
	files, err := tree.FS()
	if err != nil {
		return []template.Broken{{Text: err.Error()}}
	}
	var all []template.Broken
	for _, r := range contract.CheckRepo(ctx, files) {
		if r.Status != contract.Fail {
			continue
		}
		for _, f := range r.Findings {
			text := fmt.Sprintf("%s: %s", r.ID, f.Text)
			all = append(all, template.Broken{Path: f.Path, Line: f.Line, Should: r.Level == contract.Should, Text: text})
		}
	}
	return all
}
