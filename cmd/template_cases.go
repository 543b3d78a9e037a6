package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/spf13/afero"
	"github.com/spf13/cobra"

	"dockerflow/cmd/output"
	"dockerflow/cmd/report"
	"dockerflow/generator/apply"
	"dockerflow/generator/cases"
	"dockerflow/generator/failure"
	"dockerflow/generator/merge"
	"dockerflow/generator/phrase"
	"dockerflow/generator/project"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
)

// templateTestOptions holds the flags and arguments of dockerflow template test.
type templateTestOptions struct {
	env    Env
	lib    *library
	dir    string
	update bool
	strict bool
	asJSON bool
}

func newTemplateTest(env Env, lib *library) *cobra.Command {
	o := &templateTestOptions{env: env, lib: lib}
	c := &cobra.Command{
		Use:   "test [DIR]",
		Short: "Run a template's golden cases",
		Long: `Run the cases of the template in DIR, or in the current folder. Each case,
DIR/golden/NAME.txtar, starts with command lines such as

  dockerflow new out --template . --name hello --yes

and then contains every file that they write into the folder out. With a line
base: OTHER after the commands, it contains only the difference from
DIR/golden/OTHER.txtar: the files that differ, and a line gone: PATH for each
file that is not written. The commands run in memory, without git, network or
configuration; --template . is the template itself. The results are also checked
against the rules of dockerflow check.`,
		Example: `  dockerflow template test
  dockerflow template test ./acme --update`,
		Args: cobra.MaximumNArgs(1),
		RunE: inFolder(func(ctx context.Context, dir string) error {
			o.dir = filepath.Clean(dir)
			return o.run(ctx)
		}),
		ValidArgsFunction: folders,
	}
	f := c.Flags()
	f.SortFlags = false
	f.BoolVar(&o.update, "update", false, "rewrite the cases with what the commands write now")
	f.BoolVar(&o.strict, "strict", false, "also fail if a choice has no case")
	f.BoolVar(&o.asJSON, "json", false, "print dir, ok, cases and without_case as JSON")
	return c
}

// ranCase is a case and its outcome.
type ranCase struct {
	name   string
	data   []byte // the file's content
	parsed *cases.Case

	err     error
	tree    tree.Tree
	diff    string
	broken  []template.Broken
	updated bool // the file changes
}

func (o *templateTestOptions) run(ctx context.Context) error {
	if err := wantFolder(o.env.FS, o.dir); err != nil {
		return err
	}
	files, err := o.lib.folder(ctx, o.dir)
	if err != nil {
		return failure.New("dockerflow template check "+phrase.Folder(o.dir)+" lists all problems", "%w", err)
	}
	t, err := template.LoadOne(files, underTest, o.lib.taken, o.lib.bases(ctx))
	switch {
	case err != nil:
		return failure.New("dockerflow template check "+phrase.Folder(o.dir)+" lists all problems", "template %s: %w", o.dir, err)
	case t.About == "":
		return failure.New("add about and version to its template.yaml", "template %s is only a base for others", o.dir)
	}
	t.Origin = template.Origin{Source: here().String()}
	all, err := readCases(o.env.FS, o.dir)
	switch {
	case err != nil:
		return err
	case len(all) == 0:
		return failure.New("create one with the line dockerflow new out --template . --name hello --yes, then run this with --update",
			"no case %s", filepath.Join(o.dir, goldenFolder, "*"+cases.Suffix))
	}
	shown := cases.Shown{}
	for _, c := range all {
		tryCase(ctx, o.env, t, c)
		if err := ctx.Err(); err != nil {
			return err
		}
		if c.err == nil {
			c.err = shown.Add(c.tree)
		}
	}
	if o.update {
		if err := o.rewrite(ctx, all); err != nil {
			return err
		}
	}
	return o.report(all, shown.Without(t.Added()))
}

func (o *templateTestOptions) report(all []*ranCase, without []string) error {
	r := report.Cases{Dir: o.dir, Without: without, Strict: o.strict, Update: o.update}
	for _, c := range all {
		r.All = append(r.All, report.Case{Name: c.name, Err: c.err, Diff: c.diff, Broken: c.broken, Updated: c.updated})
	}
	if err := r.Print(o.env.Out, o.env.Err, o.asJSON); err != nil {
		return err
	}
	if !r.OK() {
		return errFaulty
	}
	return nil
}

// tryCase runs a case with the tested template, isolated from the outside.
func tryCase(ctx context.Context, outer Env, t *template.Template, c *ranCase) {
	if c.err != nil {
		return
	}
	c.tree, c.err = c.parsed.Run(func(fsys tree.FS, args []string) (int, string) {
		var said bytes.Buffer
		env := Env{In: strings.NewReader(""), Out: output.New(io.Discard, nil), Err: output.New(&said, nil), FS: fsys, Templates: outer.Templates, tested: t}
		return Run(ctx, args, env), said.String()
	})
	if c.err == nil {
		c.diff, c.broken = c.parsed.Diff(c.tree), cases.Judge(ctx, c.tree)
	}
}

// rewrite writes the changed cases: all or none, and never through a link.
func (o *templateTestOptions) rewrite(ctx context.Context, all []*ranCase) error {
	tree := formatCases(all)
	dir := filepath.Join(o.dir, goldenFolder)
	if err := project.NewRecoverer(o.env.FS).Recover(dir, o.env.note); err != nil {
		return err
	}
	plan, err := apply.NewPlan(o.env.FS, dir, tree)
	if err != nil {
		return failure.New("", "%w", err)
	}
	plan.Decide(merge.Overwrite)
	if err := plan.Apply(ctx, o.env.FS); err != nil {
		return applyError(ctx, dir, err)
	}
	return nil
}

// formatCases returns the files of the changed cases. It formats whole cases first, because others are based on them.
func formatCases(all []*ranCase) tree.Tree {
	bases, files := map[string]tree.Tree{}, tree.Tree{}
	for _, varies := range []bool{false, true} {
		for _, c := range all {
			if c.err != nil || varies != (c.parsed.Base != "") {
				continue
			}
			base, ok := bases[c.parsed.Base]
			if varies && !ok {
				c.err = fmt.Errorf("its base %s cannot be written", c.parsed.Base+cases.Suffix)
				continue
			}
			var data []byte
			if data, c.err = c.parsed.Format(c.tree, base); c.err != nil {
				continue
			}
			bases[c.name] = c.tree
			if c.updated = !bytes.Equal(data, c.data); c.updated {
				files[c.name+cases.Suffix] = tree.File{Mode: 0o644, Data: data}
			}
		}
	}
	return files
}

// goldenFolder is the folder of a template's cases.
const goldenFolder = "golden"

// readCases reads the cases of the template in dir. An invalid case carries its error.
func readCases(fsys tree.FS, dir string) (all []*ranCase, err error) {
	info, err := fsys.Lstat(filepath.Join(dir, goldenFolder))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, failure.New("", "%w", err)
	case !info.IsDir():
		return nil, failure.New("", "%s is not a folder", filepath.Join(dir, goldenFolder))
	}
	golden, err := fsys.Within(filepath.Join(dir, goldenFolder))
	if err != nil {
		return nil, failure.New("", "%w", err)
	}
	defer golden.Close()
	list, err := afero.ReadDir(golden, ".")
	if err != nil {
		return nil, failure.New("", "%w", err)
	}
	for _, info := range list {
		name, isCase := strings.CutSuffix(info.Name(), cases.Suffix)
		if !isCase {
			continue
		}
		c := &ranCase{name: name}
		switch {
		case !info.Mode().IsRegular():
			c.err = errors.New("it is not a regular file")
		default:
			c.data, c.err = tree.ReadBounded(golden, info.Name(), tree.MaxTree)
		}
		if c.err == nil {
			c.parsed, c.err = cases.Parse(c.data)
		}
		all = append(all, c)
	}
	linkCases(all)
	return all, nil
}

// linkCases links cases to their bases.
func linkCases(all []*ranCase) {
	parsed := map[string]*cases.Case{}
	for _, c := range all {
		if c.err == nil {
			parsed[c.name] = c.parsed
		}
	}
	wrong := cases.Link(parsed)
	for _, c := range all {
		if c.err == nil {
			c.err = wrong[c.name]
		}
	}
}
