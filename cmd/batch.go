package cmd

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v4"

	"dockerflow/cmd/prompt"
	"dockerflow/generator/failure"
	"dockerflow/generator/phrase"
	"dockerflow/generator/project"
	"dockerflow/generator/template"
	"dockerflow/generator/yamlnode"
)

// batch is a run of dockerflow new --batch, which generates a service for each row.
type batch struct {
	env     Env
	set     *answerSet // the flags, which override all rows
	maker   maker
	file    string
	outside bool // allow folders outside the current one
	asJSON  bool

	jobs    []*job
	chosen  map[string]*chosen // by the template's name as typed
	claimed claims
}

// chosen is a template that rows use.
type chosen struct {
	template  *template.Template // with the user's defaults
	questions map[string]template.Question
	refused   map[string]error // configured answers that its questions refuse, by question
}

// job is a row and its outcome.
type job struct {
	row
	*chosen
	dir     string // the service's folder
	answers template.Answers
	outcome
}

// runBatch generates a service for each row.
func (o *newOptions) runBatch(ctx context.Context) error {
	for flag, given := range map[string]bool{"--answers": o.answersFile != "", "DIR": o.dir != ""} {
		if given {
			return failure.New("put the answers and dir into the rows", "--batch cannot be combined with %s", flag)
		}
	}
	b := &batch{env: o.env, set: o.set, maker: o.maker, file: o.batchFile, outside: o.outside, asJSON: o.asJSON, chosen: map[string]*chosen{}}
	b.maker.recoverer = project.NewRecoverer(o.env.FS)
	return b.start(ctx)
}

// start reads the rows and finds each row's template and folder before it generates the first service.
func (b *batch) start(ctx context.Context) error {
	b.set.env.Prompts, b.set.lib.env.Prompts = prompt.None, prompt.None // a batch shows no prompts
	if err := b.set.choose(ctx); err != nil {
		return err
	}
	if err := b.set.checkGiven(); err != nil {
		return err
	}
	c, err := b.env.config()
	if err != nil {
		return err
	}
	b.set.config = c
	data, err := b.set.readInput(ctx, "--batch", b.file, maxBatch)
	if err != nil {
		return err
	}
	rows, err := readRows(data)
	if err != nil {
		return failure.New("", "%s:%w", b.file, err)
	}
	if b.claimed.here, err = os.Getwd(); err != nil {
		return failure.New("", "%w", err)
	}
	for _, r := range rows {
		j := &job{row: r}
		b.jobs = append(b.jobs, j)
		if ctx.Err() != nil {
			continue
		}
		j.err = b.settle(ctx, j)
		j.node, j.text = nil, nil
	}
	return b.run(ctx)
}

// settle finds a row's template, answers and folder.
func (b *batch) settle(ctx context.Context, j *job) error {
	pairs, err := j.pairs()
	if err != nil {
		return b.located(err)
	}
	if err := b.pick(ctx, j, pairs); err != nil {
		return err
	}
	set, dir, err := b.answers(j, pairs)
	if err != nil {
		return err
	}
	t, err := set.template()
	if err == nil {
		j.answers, err = t.Resolve(set.answersOnly())
	}
	if err != nil {
		return b.explain(j, pairs, err)
	}
	j.dir = target(dir, j.answers)
	if j.dir == "" {
		return b.explain(j, nil, failure.New("", "template %s does not ask for a name: the row needs dir", t.Name))
	}
	if err := b.inside(j.number, j.dir); err != nil {
		return b.explain(j, valuesOf(pairs, "dir"), err)
	}
	if other := b.claimed.add(j.number, j.dir); other != "" {
		return b.explain(j, nil, failure.New("", "%s %s", j.dir, other))
	}
	return nil
}

// inside checks that a row's folder is inside the current one, also after following links: rows are untrusted.
func (b *batch) inside(row int, dir string) error {
	if b.outside {
		return nil
	}
	const hint = "--allow-outside allows other folders"
	if !filepath.IsLocal(dir) {
		return failure.New(hint, "row %d, dir %s: want a folder inside the current one", row, phrase.Quote(dir))
	}
	here, err := b.env.FS.Within(".")
	if err != nil {
		return failure.New("", "%w", err)
	}
	defer here.Close()
	path := ""
	for part := range strings.SplitSeq(filepath.ToSlash(filepath.Clean(dir)), "/") {
		path = filepath.Join(path, part)
		info, err := here.Lstat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // then nothing below it exists either
		case err != nil:
			return failure.New("", "row %d, dir %s: %w", row, phrase.Quote(dir), err)
		case info.Mode()&fs.ModeSymlink == 0:
			continue
		}
		if _, err := here.Stat(path); err != nil { // the link leads out of the folder, or nowhere
			return failure.New(hint, "row %d, dir %s: want a folder inside the current one, but the link %s leads elsewhere", row, phrase.Quote(dir), phrase.Quote(path))
		}
	}
	return nil
}

// pick finds a row's template.
func (b *batch) pick(ctx context.Context, j *job, pairs []*yaml.Node) error {
	own := valuesOf(pairs, "template")
	name, ok := b.set.given["template"]
	switch {
	case b.set.source != "":
		name = b.set.source
	case ok:
	case own == nil:
		return b.explain(j, nil, failure.New("--template sets one for all rows", "%w", &template.MissingError{Names: []string{"template"}}))
	case !fits(template.Question{Type: "string"}, own[1]):
		return b.located(yamlnode.At(own[1], "template: want %s", kinds["string"]))
	default:
		name = own[1].Value
	}
	c := b.chosen[name]
	if c == nil {
		t, err := b.set.lib.find(ctx, name)
		if errors.Is(err, errUnknown) {
			names := templateNames(b.set.lib.own)
			err = failure.New(suggest("", name, names, "see dockerflow templates"), "template %q: want one of %s", name, strings.Join(names, ", "))
		}
		if err != nil {
			return b.explain(j, own, err)
		}
		c = b.prepareTemplate(t)
		b.chosen[name] = c
	}
	j.chosen = c
	return nil
}

// prepareTemplate applies the user's defaults to a template, once for all rows that use it.
func (b *batch) prepareTemplate(t *template.Template) *chosen {
	c := &chosen{t.WithDefaults(b.set.config.Defaults(t)), b.set.questions(), map[string]error{}}
	c.questions["dir"] = template.Question{Name: "dir", Type: "string"}
	for _, q := range t.Questions {
		c.questions[q.Name] = q
		s, ok := b.set.config.Answers[q.Name]
		if _, err := q.Parse(s); ok && err != nil {
			c.refused[q.Name] = refusal(b.set.config, err)
		}
	}
	return c
}

// answers returns a row's answers, with flags applied over them, and the folder that the row names.
func (b *batch) answers(j *job, pairs []*yaml.Node) (set *answerSet, dir string, err error) {
	given, err := parseAnswers(pairs, j.questions)
	if err != nil {
		return nil, "", b.located(err)
	}
	dir, hasDir := given["dir"]
	if delete(given, "dir"); hasDir && dir == "" {
		return nil, "", b.explain(j, valuesOf(pairs, "dir"), failure.New("", "dir is empty"))
	}
	maps.Copy(given, b.set.given)
	given["template"] = j.template.Name
	for _, name := range sorted(j.refused) {
		if _, ok := given[name]; !ok {
			return nil, "", b.explain(j, nil, j.refused[name])
		}
	}
	set = b.set.with(given)
	set.templates = []*template.Template{j.template}
	if name := nameFromDir(dir); name != "" {
		set.setDefaults(map[string]string{"name": name})
	}
	return set, dir, nil
}
