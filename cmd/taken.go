package cmd

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"dockerflow/generator/template"
)

// asking returns the commands that have a flag for each question of the templates.
func asking(env Env, lib *library, all []*template.Template) []*cobra.Command {
	return []*cobra.Command{newNew(env, lib, all), newUpdate(env, lib, all), newAdopt(env, lib, all)}
}

// takenNames returns the names that no question may have: those of other flags, and of other keys in a record or row.
func takenNames(env Env) template.Taken {
	names := template.Taken{}
	for _, key := range []string{"template", "dir", "source"} {
		names.Add(key, "is a reserved key")
	}
	names.Add("version", "is a flag of most programs")
	names.Add("v", "is a flag of most programs")
	for _, c := range asking(env, &library{}, nil) {
		c.InitDefaultHelpFlag()
		c.Flags().VisitAll(func(f *pflag.Flag) {
			what := "is a flag of dockerflow " + c.Name()
			names.Add(f.Name, what)
			if f.Shorthand != "" {
				names.Add(f.Shorthand, what)
			}
		})
	}
	return names
}
