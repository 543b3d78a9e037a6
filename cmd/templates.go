package cmd

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"dockerflow/cmd/report"
	"dockerflow/generator/failure"
	"dockerflow/generator/template"
)

func newTemplates(env Env, lib *library) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "templates [TEMPLATE]",
		Short: "List the templates, their questions, defaults and choices",
		Example: `  dockerflow templates
  dockerflow templates https://github.com/acme/templates//python@v1.2.0
  dockerflow templates --json | jq -r '.[].name'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return listOne(c.Context(), lib, args[0], asJSON)
			}
			configured, err := env.config()
			if err != nil {
				env.note("the templates in your configuration are left out: %v", err)
				return report.Templates(env.Out, lib.own, nil, asJSON)
			}
			return report.Templates(env.Out, lib.own, configured.Templates, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print a JSON array of {name, source, about, version, questions}")
	return c
}

func listOne(ctx context.Context, lib *library, name string, asJSON bool) error {
	t, err := lib.find(ctx, name)
	if errors.Is(err, errUnknown) {
		return failure.New(suggest("", name, templateNames(lib.own), "see dockerflow templates"), "no template %q", name)
	}
	if err != nil {
		return err
	}
	return report.Templates(lib.env.Out, []*template.Template{t}, nil, asJSON)
}
