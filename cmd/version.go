package cmd

import (
	"runtime/debug"

	"github.com/spf13/cobra"

	"dockerflow/generator/failure"
)

// Version is the program's version.
const Version = "0.1.0"

func newVersion(env Env) *cobra.Command {
	withNotices := false
	c := &cobra.Command{
		Use:     "version",
		Short:   "Print the program's version",
		Example: "  dockerflow version\n  dockerflow version --notices | less",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			env.Out.Line("dockerflow %s%s", Version, revision())
			if !withNotices {
				return nil
			}
			all, err := notices()
			if err != nil {
				return failure.New("", "read the licence notices: %w", err)
			}
			env.Out.Text("Dockerflow is licensed under the Mozilla Public License 2.0. It contains these modules, each under the licence below its name.\n\n" + all)
			return nil
		},
	}
	c.Flags().BoolVar(&withNotices, "notices", false, "also print the licences of all modules that the program contains")
	return c
}

// revision returns the commit that the program was built from, or "".
func revision() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return " (" + s.Value[:12] + ")"
		}
	}
	return ""
}
