package template

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
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

// attempt is one set of answers to render with.
type attempt struct {
	given map[string]string
	with  string // the difference from the defaults, or ""
}

// try renders the template with its defaults, and with each choice of each question, and checks the results.
func (r *lintRun) try(ctx context.Context) {
	given, ok := r.required()
	if !ok {
		return
	}
	all := []attempt{{given, ""}}
	for _, q := range r.template.Questions {
		values := q.Values()
		if q.Type == "bool" {
			values = []string{"true", "false"}
		}
		for _, v := range values {
			if v == q.Default {
				continue
			}
			other := maps.Clone(given)
			other[q.Name] = v
			all = append(all, attempt{other, ", with --" + q.Name + " " + v})
		}
	}
	t := &trial{lintRun: r, known: map[string]bool{}, told: map[string]bool{}}
	for _, f := range r.found {
		t.known[fmt.Sprintf("%s:%d", f.Path, f.Line)] = true
	}
	for _, a := range all {
		if ctx.Err() != nil || t.limited {
			return
		}
		t.run(ctx, a)
	}
}

// required returns answers to the questions that have no default.
func (r *lintRun) required() (given map[string]string, ok bool) {
	given, ok = map[string]string{}, true
	for _, q := range r.template.Questions {
		if !q.Required {
			continue
		}
		tries := slices.Concat([]string{"hello"}, r.Examples[q.Name], []string{"1", "true"}, q.Values())
		i := slices.IndexFunc(tries, func(s string) bool { _, want := q.parse(s); return want == "" })
		if i < 0 {
			line, column := r.places.of(r.placeOfDefault(q.Name))
			r.found = append(r.found, Finding{manifestFile, line, column, true,
				fmt.Sprintf("nothing was rendered: --%s has no default; add a case in golden that answers it", q.Name)})
			ok = false
			continue
		}
		given[q.Name] = tries[i]
	}
	return given, ok
}

// placeOfDefault returns the place that sets a question's default.
func (r *lintRun) placeOfDefault(question string) []any {
	for i, q := range r.template.all[len(r.base.all):] {
		if q.Name == question {
			return where("questions", i, "default")
		}
	}
	for section, texts := range map[string]map[string]string{"defaults": r.manifest.Defaults, "answers": r.manifest.Answers} {
		if texts[question] != "" {
			return where(section, question)
		}
	}
	return where("extends")
}

// trial is a series of attempts. A problem that several of them show is reported once.
type trial struct {
	*lintRun
	known map[string]bool // the lines, "path:line", with problems that were found without rendering
	told  map[string]bool

	limited bool // a limit was exceeded: do not try again
}

func (t *trial) tell(f Finding, with string) {
	key := fmt.Sprint(f)
	if t.told[key] {
		return
	}
	t.told[key] = true
	f.Text += with
	t.found = append(t.found, f)
}

// tellFailure reports an error, unless it was found already.
func (t *trial) tellFailure(f Finding, with string) {
	if !t.known[fmt.Sprintf("%s:%d", f.Path, f.Line)] {
		t.tell(f, with)
	}
}

func (t *trial) run(ctx context.Context, a attempt) {
	answers, err := t.template.Resolve(a.given)
	if err != nil {
		t.unanswered(err, a.with)
		return
	}
	template, skipped := *t.template, []string(nil)
	for {
		files, err := template.RenderContext(ctx, answers)
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			if len(skipped) == 0 && t.Judge != nil {
				t.judge(ctx, files, answers, a.with)
			}
			return
		}
		var limit *tree.LimitError
		if t.limited = errors.As(err, &limit); t.limited {
			t.tell(t.overLimit(limit), a.with)
			return
		}
		f, file := t.failed(err)
		t.tellFailure(f, a.with)
		if file == "" || slices.Contains(skipped, file) {
			return
		}
		// An empty layer removes the file, so that the other files are tried, too.
		skipped = append(skipped, file)
		layers := append(slices.Clip(t.template.layers), layer{empty{}, skipped})
		template.sources = func() (*sources, error) { return readSources(template.Name, layers) }
	}
}

// empty is an empty folder.
type empty struct{}

// Open implements fs.FS.
func (empty) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}

// unanswered reports defaults that are not valid answers.
func (t *trial) unanswered(err error, with string) {
	var wrong *AnswerError
	name, text := "", err.Error()
	if errors.As(err, &wrong) {
		name, text = wrong.Name, noAnswer(wrong.Value, wrong.Name, wrong.Want)
	} else if _, rest, ok := strings.Cut(text, "default of "); ok {
		name, _, _ = strings.Cut(rest, ":")
	}
	line, column := t.places.of(t.placeOfDefault(name))
	t.tellFailure(Finding{manifestFile, line, column, false, text}, with)
}

func (t *trial) overLimit(limit *tree.LimitError) Finding {
	line, column := t.places.of(where("extends"))
	f := Finding{manifestFile, line, column, false, limit.Error()}
	for _, files := range []map[string]layerFile{t.written, t.parts} {
		for _, source := range files {
			if source.own && source.path == limit.File {
				f.Path, f.Line, f.Column = source.path, 1, 1
				f.Text = (&tree.LimitError{What: limit.What, Limit: limit.Limit}).Error()
			}
		}
	}
	return f
}

// failed converts an error of rendering to a finding. It also returns the output path of the file that failed, if
// known.
func (t *trial) failed(err error) (f Finding, file string) {
	text := err.Error()
	text = strings.TrimPrefix(text, "template "+t.template.Name+": ")
	line, column := t.places.of(where("extends"))
	f = Finding{manifestFile, line, column, false, text}
	rest, ok := strings.CutPrefix(text, "template: ")
	if !ok {
		return f, ""
	}
	name, rest, _ := strings.Cut(rest, ":")
	number, rest, _ := strings.Cut(rest, ":")
	place, message, ok := strings.Cut(rest, ": ")
	atLine, err1 := strconv.Atoi(number)
	atByte, err2 := strconv.Atoi(place)
	if !ok || err1 != nil || err2 != nil {
		return f, ""
	}
	source, isPart := t.parts[name]
	if !isPart {
		file = strings.TrimSuffix(strings.TrimPrefix(name, "files/"), suffix)
		source = t.written[file]
	}
	_, cause, found := strings.Cut(message, " at ")
	if found {
		message = cause
	}
	message = actionsOf(message)
	if !source.own {
		f.Text = fmt.Sprintf("%s of the base, line %d: %s", source.path, atLine, message)
		return f, file
	}
	start := offsetOf(source.text, atLine, 1)
	f.Line, f.Column = lineColumn(source.text, start+atByte)
	f.Path, f.Text = source.path, message
	return f, file
}

// judge checks a result against the contract. Rules that the base breaks by itself are left out.
func (t *trial) judge(ctx context.Context, tree tree.Tree, answers Answers, with string) {
	inherited := map[Broken]bool{}
	if t.base.About != "" {
		if theirs, err := t.base.RenderContext(ctx, answers); err == nil {
			for _, b := range t.Judge(ctx, theirs) {
				inherited[Broken{Path: b.Path, Text: b.Text}] = true
			}
		}
	}
	for _, b := range t.Judge(ctx, tree) {
		if inherited[Broken{Path: b.Path, Text: b.Text}] && !t.written[b.Path].own {
			continue
		}
		line, column := t.places.of(where("extends"))
		f := Finding{manifestFile, line, column, b.Should, b.Text}
		switch source, there := t.written[b.Path]; {
		case there && source.own && !source.read:
			f.Path, f.Line, f.Column = source.path, max(b.Line, 1), 1
		case there && source.own:
			f.Path, f.Line, f.Column = source.path, 1, 1
			if b.Line > 0 {
				f.Text = fmt.Sprintf("line %d of the output: %s", b.Line, b.Text)
			}
		case b.Path != "" && b.Line > 0:
			f.Text = fmt.Sprintf("%s:%d: %s", b.Path, b.Line, b.Text)
		case b.Path != "":
			f.Text = fmt.Sprintf("%s: %s", b.Path, b.Text)
		}
		t.tell(f, with)
	}
}
