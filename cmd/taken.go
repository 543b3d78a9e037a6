package cmd

import (
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"dockerflow/generator/template"
)

// asking are the commands whose flags are the questions of templates.
func asking(env Env, lib *library, all []*template.Template) []*cobra.Command {
	return []*cobra.Command{newNew(env, lib, all), newUpdate(env, lib, all), newAdopt(env, lib, all)}
}

// takenNames are the names that no question may have: those of the flags beside it, and of the keys beside its answer.
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
