package cases

import (
	"context"
	"fmt"

	"dockerflow/generator"
	"dockerflow/generator/spec"
)

// Judge finds what of the contract a tree breaks, as far as files show it.
func Judge(ctx context.Context, tree generator.Tree) []generator.Broken {
	files, err := tree.FS()
	if err != nil {
		return []generator.Broken{{Text: err.Error()}}
	}
	var all []generator.Broken
	for _, r := range spec.CheckRepo(ctx, files) {
		if r.Status != spec.Fail {
			continue
		}
		for _, f := range r.Findings {
			text := fmt.Sprintf("%s: %s", r.ID, f.Text)
			all = append(all, generator.Broken{Path: f.Path, Line: f.Line, Should: r.Level == spec.Should, Text: text})
		}
	}
	return all
}
