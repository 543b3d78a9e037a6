package cmd

import (
	"context"
	"io"
	"maps"
	"path/filepath"
	"strings"

	"dockerflow/generator/template"
	"dockerflow/generator/tree"
)

// guess derives the template and answers from the project's files, and makes them the defaults of this run.
func (o *adoptOptions) guess(ctx context.Context, root tree.Dir) error {
	if _, given := o.set.given["template"]; !given {
		var fit []string
		for _, t := range o.set.templates {
			if t.Recognises(tree.Has(root)) {
				fit = append(fit, t.Name)
			}
		}
		if len(fit) == 1 {
			o.set.given["template"] = fit[0]
		}
	}
	among := o.set.templates
	if t := template.Named(o.set.templates, o.set.given["template"]); t != nil {
		among = []*template.Template{t}
	}
	guesses := o.set.learn(ctx, o.dir, o.dir)
	if base, err := filepath.Abs(o.dir); err == nil {
		guesses["name"] = template.Slug(filepath.Base(base))
	}
	if template.Refused(among, "name", guesses["name"]) != nil {
		delete(guesses, "name")
	}
	for _, t := range among {
		found, err := t.Guesses(readFrom(root))
		if err != nil {
			return err
		}
		maps.Copy(guesses, found)
	}
	o.set.setDefaults(guesses)
	return nil
}

// maxGuess is the maximum number of bytes read from a file to guess from.
const maxGuess = 1 << 20

func readFrom(root tree.Dir) func(string) (string, bool) {
	return func(p string) (string, bool) {
		if strings.HasSuffix(p, "/") {
			return "", tree.Has(root)(p)
		}
		info, err := root.Lstat(p)
		if err != nil || !info.Mode().IsRegular() {
			return "", false
		}
		f, err := root.Open(p)
		if err != nil {
			return "", false
		}
		defer f.Close()
		data, err := io.ReadAll(io.LimitReader(f, maxGuess))
		return string(data), err == nil
	}
}
