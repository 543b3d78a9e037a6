package template

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"dockerflow/generator/tree"
)

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
