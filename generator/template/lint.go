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

// Finding is a problem in a template.
type Finding struct {
	Path    string // a path in the template's folder
	Line    int    // the first is 1
	Column  int    // in characters; the first is 1
	Warning bool   // advice, not an error
	Text    string
}

// Lint checks a template.
type Lint struct {
	Bases    func(extends string) (*Template, error)   // as for LoadOne
	Taken    Taken                                     // as for LoadOne
	Examples map[string][]string                       // known valid answers, by question
	Judge    func(context.Context, tree.Tree) []Broken // returns the rules of the contract that a result breaks; may be nil
	Static   bool                                      // do not render
}

// Broken is a rule of the contract that a result breaks.
type Broken struct {
	Path   string // in the result, or ""
	Line   int    // in the result, or 0
	Should bool   // whether the rule is advice
	Text   string
}

// Run checks the template whose manifest is at the root of fsys. After a finding it continues as far as possible.
// Problems in templates that this one extends are left out. The findings are sorted by position. Run ends early when
// ctx ends.
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

// lintRun is one run of Lint.
type lintRun struct {
	Lint
	fsys     fs.FS
	text     string // of the manifest
	places   places // of values in the manifest
	manifest manifest
	base     *Template // an empty template if the manifest has no base
	baseless bool      // the base was not found
	unread   bool      // the manifest could not be read completely
	template *Template
	faults   faults

	layers  []layerFiles
	written map[string]layerFile // the files that the template writes, by output path
	parts   map[string]layerFile // the parts that files can include, by name

	found   []Finding
	blocked bool // the template cannot be rendered
}

// only reports whether the template can only be extended. Templates that extend it may define the parts that it
// includes, and use the questions that it asks.
func (r *lintRun) only() bool { return r.manifest.About == "" }

func (r *lintRun) report(path string, line, column int, format string, args ...any) {
	r.found = append(r.found, Finding{Path: path, Line: line, Column: column, Text: glyph.Line(fmt.Sprintf(format, args...))})
}

// fault reports a problem with a value of the manifest.
func (r *lintRun) fault(where []any, format string, args ...any) {
	line, column := r.places.of(where)
	r.report(manifestFile, line, column, format, args...)
}

// unknown returns the text of a finding about an unknown name, with a suggestion.
func unknown(what, name string, known []string) string {
	text := fmt.Sprintf("unknown %s %s", what, tree.Shorten(name))
	if near := Nearest(name, known); near != "" {
		text += ": did you mean " + near + "?"
	}
	return text
}

// questionNames returns the names that the texts of the template may use.
func (r *lintRun) questionNames() []string {
	var names []string
	for _, q := range r.template.all {
		names = append(names, q.Name)
	}
	return names
}

// layerFile is a file of one of the template's layers.
type layerFile struct {
	fsys fs.FS
	path string
	own  bool // whether it is from the template itself
	text string
	read bool // whether text was read because the file is a template
}

type layerFiles struct{ written, parts map[string]layerFile }

// readFiles reads the files of each layer, and determines which of them are written.
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
			r.report(p, 1, 1, "exists both with and without %s: the other one is %s", suffix, other.path)
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
		r.report(manifestFile, 1, 1, "there is no folder files and no extends: nothing would be written")
	case err != nil:
		r.report(folder, 1, 1, "%v", err)
		r.blocked = true
	}
}

// unreadable returns why a file cannot be read.
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
