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

// here is the template that is in this folder.
func here() source.Source { return source.Source{Kind: source.Folder, Place: "."} }

// underTest is the name that a template has while it is checked and tested, wherever its folder is: cases show it.
const underTest = "template"

// errFaulty ends a run whose report says all: the template has faults.
var errFaulty = &failure.Error{Code: failure.Finding, Err: errors.New("the template has faults")}

// wantFolder wants the folder of a template.
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

// folder reads the template in a folder.
func (l *library) folder(ctx context.Context, dir string) (fs.FS, error) {
	found, err := l.reader().Open(ctx, source.Source{Kind: source.Folder, Place: filepath.Clean(dir)})
	return found.Files, err
}

// bases finds what a template extends, for a folder of the user's own.
func (l *library) bases(ctx context.Context) func(string) (*template.Template, error) {
	return func(extends string) (*template.Template, error) { return l.base(ctx, extends, []string{underTest}) }
}
