package generator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// attempt is one set of answers to render with.
type attempt struct {
	given map[string]string
	with  string // how it differs from the defaults, or ""
}

// try renders the template with its defaults, and with each choice of each question, and judges the results.
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
		t.run(a)
	}
}

// required answers the questions that have no default.
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
				fmt.Sprintf("nothing was rendered: no answer to --%s is known. A case in golden that has one is taken", q.Name)})
			ok = false
			continue
		}
		given[q.Name] = tries[i]
	}
	return given, ok
}

// placeOfDefault is what says which default a question has.
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

// trial is a number of attempts. What several of them show is told of the first one.
type trial struct {
	*lintRun
	known map[string]bool // the lines, "path:line", where a text was found to be wrong without rendering it
	told  map[string]bool

	limited bool // it took more than any may: once is long enough
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

// tellFailure leaves out what was found already.
func (t *trial) tellFailure(f Finding, with string) {
	if !t.known[fmt.Sprintf("%s:%d", f.Path, f.Line)] {
		t.tell(f, with)
	}
}

func (t *trial) run(a attempt) {
	answers, err := t.template.Resolve(a.given)
	if err != nil {
		t.unanswered(err, a.with)
		return
	}
	template, skipped := *t.template, []string(nil)
	for {
		tree, err := template.Render(answers)
		if err == nil {
			if len(skipped) == 0 && t.Judge != nil {
				t.judge(tree, answers, a.with)
			}
			return
		}
		var limit *LimitError
		if t.limited = errors.As(err, &limit); t.limited {
			t.tell(t.overLimit(limit), a.with)
			return
		}
		f, file := t.failed(err)
		t.tellFailure(f, a.with)
		if file == "" || slices.Contains(skipped, file) {
			return
		}
		// A layer that has nothing takes the file away, so that the others are tried, too.
		skipped = append(skipped, file)
		layers := append(slices.Clip(t.template.layers), layer{empty{}, skipped})
		template.sources = func() (*sources, error) { return readSources(template.Name, layers) }
	}
}

// unanswered is for defaults that are no answers.
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

func (t *trial) overLimit(limit *LimitError) Finding {
	line, column := t.places.of(where("extends"))
	f := Finding{manifestFile, line, column, false, limit.Error()}
	for _, files := range []map[string]layerFile{t.written, t.parts} {
		for _, source := range files {
			if source.own && source.path == limit.File {
				f.Path, f.Line, f.Column = source.path, 1, 1
				f.Text = (&LimitError{What: limit.What, Limit: limit.Limit}).Error()
			}
		}
	}
	return f
}

// failed is the finding for an error of rendering, and the output path of the file that failed, where that is known.
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
	if !source.own {
		f.Text = fmt.Sprintf("%s of the base, line %d: %s", source.path, atLine, message)
		return f, file
	}
	start := offsetOf(source.text, atLine, 1)
	f.Line, f.Column = lineColumn(source.text, start+atByte)
	f.Path, f.Text = source.path, message
	return f, file
}

// judge holds a result against the contract. What the base breaks by itself is left out.
func (t *trial) judge(tree Tree, answers Answers, with string) {
	inherited := map[Broken]bool{}
	if t.base.About != "" {
		if theirs, err := t.base.Render(answers); err == nil {
			for _, b := range t.Judge(theirs) {
				inherited[Broken{Path: b.Path, Text: b.Text}] = true
			}
		}
	}
	for _, b := range t.Judge(tree) {
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
				f.Text = fmt.Sprintf("line %d of what it makes: %s", b.Line, b.Text)
			}
		case b.Path != "" && b.Line > 0:
			f.Text = fmt.Sprintf("%s:%d: %s", b.Path, b.Line, b.Text)
		case b.Path != "":
			f.Text = fmt.Sprintf("%s: %s", b.Path, b.Text)
		}
		t.tell(f, with)
	}
}

// empty is a folder that has nothing.
type empty struct{}

// Open implements fs.FS.
func (empty) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}
