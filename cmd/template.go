package cmd

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"dockerflow/generator/failure"
	"dockerflow/generator/source"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
)

func newTemplate(env Env, lib *library) *cobra.Command {
	c := &cobra.Command{
		Use:   "template",
		Short: "Create, check and test your own templates",
		Long: `A template is a folder with a template.yaml, like those built into dockerflow.
It can extend another template; then it contains only what is different. Use it
with dockerflow new --template FOLDER.`,
		Example: `  dockerflow template new acme --extends go
  dockerflow template check ./acme
  dockerflow template test ./acme`,
		Args: noCommand,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newTemplateNew(env, lib), newTemplateCheck(env, lib), newTemplateTest(env, lib), newTemplateSchema(env))
	return c
}

func newTemplateSchema(env Env) *cobra.Command {
	return &cobra.Command{
		Use:     "schema",
		Short:   "Print the JSON Schema of template.yaml, for editors",
		Example: "  dockerflow template schema > template.schema.json",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			env.Out.Text(template.Schema())
			return nil
		},
	}
}

// here returns the source of the template in the current folder.
func here() source.Source { return source.Source{Kind: source.Folder, Place: "."} }

// underTest is the name of a template while it is checked or tested. It is fixed because cases contain it.
const underTest = "template"

// errFaulty ends a run that found faults. The report has already said so.
var errFaulty = &failure.Error{Code: failure.Finding, Err: errors.New("the template has faults")}

// wantFolder returns an error if dir is not a folder.
func wantFolder(fsys tree.FS, dir string) error {
	info, err := fsys.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return failure.New("name the folder that contains template.yaml", "there is no folder %s", dir)
	case err != nil:
		return failure.New("", "%w", err)
	case !info.IsDir():
		return failure.New("name the folder that contains it", "%s is not a folder", dir)
	}
	return nil
}

// folder returns the files of the template in dir.
func (l *library) folder(ctx context.Context, dir string) (fs.FS, error) {
	found, err := l.reader().Open(ctx, source.Source{Kind: source.Folder, Place: filepath.Clean(dir)})
	return found.Files, err
}

// bases returns a function that finds the bases of a template in the user's folder.
func (l *library) bases(ctx context.Context) func(string) (*template.Template, error) {
	return func(extends string) (*template.Template, error) { return l.base(ctx, extends, []string{underTest}) }
}
