package project

import (
	"context"
	"maps"
	"slices"

	"dockerflow/generator/failure"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
)

// Finder finds the template that generated a project.
type Finder func(context.Context) (*template.Template, error)

// Differences compares each recorded file with its pristine content. It calls find only for contents that neither git nor
// the record has, and continues without them if find fails.
func (p *Project) Differences(ctx context.Context, find Finder) ([]Difference, error) {
	ours, err := tree.ReadTree(p.fs, p.Dir, slices.Sorted(maps.Keys(p.Record.Files)))
	if err != nil {
		return nil, err
	}
	contents, err := p.pristine(ctx, p.Record.Changed(ours), find)
	if err != nil {
		return nil, err
	}
	return p.Record.Differences(ours, contents), nil
}

// pristine finds contents by id: in git's history, in the record, or by rendering if the template has not changed.
func (p *Project) pristine(ctx context.Context, changed map[string]string, find Finder) (map[string][]byte, error) {
	found := map[string][]byte{}
	if p.repo != nil {
		blobs, err := p.repo.blobs(ctx, unique(changed))
		if err != nil {
			return nil, failure.New("", "%w", err)
		}
		maps.Copy(found, blobs)
	}
	for path, id := range changed {
		if f, ok := p.Record.Bases[path]; ok {
			found[id] = f.Data
		}
	}
	if len(found) == len(unique(changed)) {
		return found, nil
	}
	t, err := find(ctx)
	if err != nil || t.Version != p.Record.Version {
		return found, nil //nolint:nilerr // rendering is optional
	}
	answers, err := t.Resolve(p.Answers(t))
	if err != nil {
		return found, nil //nolint:nilerr // rendering is optional
	}
	files, err := t.RenderContext(ctx, answers)
	if err != nil {
		return nil, err
	}
	for path, id := range changed {
		if f, ok := files[path]; ok && tree.BlobID(f.Data) == id {
			found[id] = f.Data
		}
	}
	return found, nil
}
