package template

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"dockerflow/generator/glyph"
	"dockerflow/generator/tree"
)

// Finding is something that is wrong with a template.
type Finding struct {
	Path    string // of a file, seen from the template's folder
	Line    int    // from 1
	Column  int    // from 1, in characters
	Warning bool   // it is no fault, but advice
	Text    string
}

// Lint is what it takes to look for all that is wrong with a template.
type Lint struct {
	Bases    func(extends string) (*Template, error)   // as for LoadOne
	Taken    Taken                                     // as for LoadOne
	Examples map[string][]string                       // answers that are known to do, by question
	Judge    func(context.Context, tree.Tree) []Broken // what of the contract a result breaks; nil for none
	Static   bool                                      // render nothing
}

// Broken is a rule of the contract that a result does not keep.
type Broken struct {
	Path   string // in the result, or ""
	Line   int    // in the result, or 0
	Should bool   // the rule is advice
	Text   string
}

// Run looks at the template whose manifest is at the root of fsys. It goes on after what it finds, as far as it can. What
// is wrong with a template that this one extends is left out. The findings are sorted by place. It ends early with ctx.
func (l Lint) Run(ctx context.Context, fsys fs.FS, name string) []Finding {
	r := &lintRun{Lint: l, fsys: fsys, base: &Template{}}
	r.readManifest()
	r.readBase()
	r.template, r.faults = lay(fsys, name, r.manifest, r.base, r.Taken)
	for _, look := range []func(){r.readFiles, r.checkManifest, r.checkQuestions, r.checkPlaces, r.checkTexts} {
		if ctx.Err() == nil {
			look()
		}
	}
	if !l.Static && !r.blocked && !r.unread && !r.baseless && !r.only() {
		r.try(ctx)
	}
	slices.SortStableFunc(r.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Text, b.Text))
	})
	return slices.Compact(r.found)
}

// lintRun is one look at a template.
type lintRun struct {
	Lint
	fsys     fs.FS
	text     string // of the manifest
	places   places // in it
	manifest manifest
	base     *Template // an empty one where the manifest names none
	baseless bool      // the manifest names one that was not found
	unread   bool      // the manifest could not be read whole
	template *Template
	faults   faults

	layers  []layerFiles
	written map[string]layerFile // what the template writes, by output path
	parts   map[string]layerFile // what files may include, by name

	found   []Finding
	blocked bool // it cannot be rendered
}

// only tells whether the template is there for others to be laid over. Those may have the parts that it includes, and use
// the questions that it asks.
func (r *lintRun) only() bool { return r.manifest.About == "" }

func (r *lintRun) report(path string, line, column int, format string, args ...any) {
	r.found = append(r.found, Finding{Path: path, Line: line, Column: column, Text: glyph.Line(fmt.Sprintf(format, args...))})
}

// fault reports what is wrong with a value of the manifest.
func (r *lintRun) fault(where []any, format string, args ...any) {
	line, column := r.places.of(where)
	r.report(manifestFile, line, column, format, args...)
}

// unknown words a finding on a name that nothing has, with the one that was probably meant.
func unknown(what, name string, known []string) string {
	text := fmt.Sprintf("unknown %s %s", what, tree.Shorten(name))
	if near := Nearest(name, known); near != "" {
		text += ": did you mean " + near + "?"
	}
	return text
}

// questionNames are all that a text of the template may use.
func (r *lintRun) questionNames() []string {
	var names []string
	for _, q := range r.template.all {
		names = append(names, q.Name)
	}
	return names
}

// layerFile is a file of one of a template's layers.
type layerFile struct {
	fsys fs.FS
	path string
	own  bool // of the template itself
	text string
	read bool // text was read: it is a template
}

type layerFiles struct{ written, parts map[string]layerFile }

// readFiles finds what each layer has, and what is left of it.
func (r *lintRun) readFiles() {
	r.written, r.parts = map[string]layerFile{}, map[string]layerFile{}
	for i, l := range r.template.layers {
		own := i == len(r.template.layers)-1
		files := layerFiles{map[string]layerFile{}, map[string]layerFile{}}
		r.readFolder(l.FS, "files", own, files.written)
		r.readFolder(l.FS, "parts", own, files.parts)
		r.layers = append(r.layers, files)
		maps.DeleteFunc(r.written, func(p string, _ layerFile) bool { return l.drops(p) })
		maps.Copy(r.written, files.written)
		maps.Copy(r.parts, files.parts)
	}
}

func (r *lintRun) readFolder(fsys fs.FS, folder string, own bool, into map[string]layerFile) {
	err := fs.WalkDir(fsys, folder, func(p string, d fs.DirEntry, err error) error {
		if err == nil && p == folder && !d.IsDir() {
			err = fmt.Errorf("want a folder")
		}
		if err != nil || d.IsDir() {
			return err
		}
		f := layerFile{fsys: fsys, path: p, own: own}
		out, rendered := strings.CutSuffix(strings.TrimPrefix(p, folder+"/"), suffix)
		if other, twice := into[out]; twice && own {
			r.report(p, 1, 1, "stands twice, with and without %s: %s is the other one", suffix, other.path)
			r.blocked = true
		}
		into[out] = f
		limit := tree.MaxFile
		if rendered || folder == "parts" {
			limit = tree.MaxText
		}
		if wrong := unreadable(d, limit); wrong != "" {
			r.blocked = true
			r.report(p, 1, 1, "%s", wrong)
		} else if limit == tree.MaxText {
			data, err := fs.ReadFile(fsys, p)
			if err != nil {
				return err
			}
			f.text, f.read = string(data), true
			into[out] = f
		}
		return nil
	})
	switch missing := isMissing(fsys, folder); {
	case !own || missing && (folder == "parts" || r.manifest.Extends != "" || r.unread):
	case missing:
		r.report(manifestFile, 1, 1, "there is no folder files beside it, and no extends in it: nothing would be written")
	case err != nil:
		r.report(folder, 1, 1, "%v", err)
		r.blocked = true
	}
}

// unreadable tells why a file is not read.
func unreadable(d fs.DirEntry, limit int) string {
	info, err := d.Info()
	switch {
	case err != nil:
		return err.Error()
	case !info.Mode().IsRegular():
		return "want regular files only"
	case info.Size() > int64(limit):
		return (&tree.LimitError{What: "in it", Limit: limit}).Error()
	}
	return ""
}

func isMissing(fsys fs.FS, name string) bool {
	_, err := fs.Stat(fsys, name)
	return err != nil
}
