package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"dockerflow/cmd/report"
	"dockerflow/generator/contract"
	"dockerflow/generator/failure"
)

// checkOptions holds the flags and arguments of dockerflow check.
type checkOptions struct {
	env Env

	dir    string // as typed, ".", or "" if no repository is checked
	file   string // the Dockerfile, relative to dir
	url    string
	log    string // a file, or - for standard input
	image  string
	engine string
	vars   []string // for the container

	strict        bool
	format        string
	asJSON        bool
	verbose       bool
	fix, dryRun   bool
	baseline      string
	writeBaseline string
	list          bool

	args []string
}

// errBroken ends a run that found broken rules. The report has already said so.
var errBroken = &failure.Error{Code: failure.Finding, Err: errors.New("rules are broken")}

func newCheck(env Env) *cobra.Command {
	o := &checkOptions{env: env}
	c := &cobra.Command{
		Use:   "check [DIR]",
		Short: "Check a repository, a running service or an image against the specification",
		Long: `Check a repository, a running service, its output or an image against Mozilla's
Dockerflow specification.

Without flags, check reads the repository in DIR or in the current folder: its
Dockerfile, .dockerignore, version.json and CI configuration, in any language.
--url queries a running service, --log reads its output, --image runs an image.
You can combine them in one report. A rule that these inputs cannot decide is
not checkable, and never counts as passed.

Exit codes: 0 if no must rule fails (with --strict: no should rule either), 1 if
one fails, 2 if the check itself failed.`,
		Example: `  dockerflow check                                     # the current repository
  dockerflow check services/cart --strict
  dockerflow check --fix --dry-run                     # what could be fixed
  dockerflow check --url http://localhost:8000         # only a running service
  dockerflow check . --image acme/cart --log out.log   # all in one report
  dockerflow check --format sarif > dockerflow.sarif   # for code scanning
  dockerflow check --write-baseline baseline.json      # accept current findings
  dockerflow check --list S7                           # what a rule requires`,
		RunE: func(c *cobra.Command, args []string) error {
			o.args = args
			return o.run(c.Context())
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			if o.list {
				return ruleIDs(), cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
	}
	o.flags(c)
	return c
}

func (o *checkOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&o.file, "dockerfile", "", "the Dockerfile's `PATH` in DIR, if it has another name")
	f.StringVar(&o.url, "url", "", "check the service running at `URL`")
	f.StringVar(&o.log, "log", "", "check a service's output in `FILE` (- for standard input)")
	f.StringVar(&o.image, "image", "", "check the image `REF` and containers started from it")
	f.StringVar(&o.engine, "engine", "", "the `COMMAND` for --image: docker or podman (default: the one installed)")
	f.StringArrayVar(&o.vars, "env", nil, "with --image: set `NAME=VALUE` in containers, or copy NAME from here; repeatable")
	f.BoolVar(&o.strict, "strict", false, "also fail if a should rule fails")
	f.StringVar(&o.format, "format", report.Text, "the report's `FORMAT`: "+strings.Join(report.Formats, ", "))
	f.BoolVar(&o.asJSON, "json", false, "the same as --format json")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "show every rule, including those that passed")
	f.BoolVar(&o.fix, "fix", false, "apply only safe fixes, then check the result")
	f.BoolVar(&o.dryRun, "dry-run", false, "with --fix: show the changes, but write nothing")
	f.StringVar(&o.baseline, "baseline", "", "do not fail because of findings listed in `FILE`")
	f.StringVar(&o.writeBaseline, "write-baseline", "", "write the current findings to `FILE`, for --baseline")
	f.BoolVar(&o.list, "list", false, "list the rules, or explain the named ones")
	complete(c, "format", report.Formats)
	complete(c, "engine", []string{"docker", "podman"})
}

func ruleIDs() (ids []string) {
	for _, r := range contract.Rules {
		ids = append(ids, r.ID)
	}
	return ids
}

// valid validates the flags and sets what follows from them.
func (o *checkOptions) valid() error {
	if o.asJSON {
		if o.format != report.Text && o.format != report.JSON {
			return failure.New("remove one of them", "--json cannot be combined with --format %s", o.format)
		}
		o.format = report.JSON
	}
	if !slices.Contains(report.Formats, o.format) {
		return failure.New(suggest("--format ", o.format, report.Formats, ""), "--format %q: want one of %s", o.format, strings.Join(report.Formats, ", "))
	}
	if o.list {
		return nil
	}
	switch {
	case len(o.args) > 1:
		return failure.New("run check once per folder", "%d folders: want one", len(o.args))
	case len(o.args) == 1 && o.args[0] == "":
		return failure.New("leave it out for the current folder", "DIR is empty")
	case len(o.args) == 1:
		o.dir = o.args[0]
	case o.url == "" && o.log == "" && o.image == "":
		o.dir = "."
	}
	if err := o.together(); err != nil {
		return err
	}
	return o.validURL()
}

// together checks flags that require or exclude another one.
func (o *checkOptions) together() error {
	for _, f := range []struct {
		wrong      bool
		says, hint string
	}{
		{o.dryRun && !o.fix, "--dry-run requires --fix", "without --fix, check writes nothing"},
		{o.dryRun && o.writeBaseline != "", "--dry-run cannot be combined with --write-baseline", "remove one of them"},
		{o.engine != "" && o.image == "", "--engine requires --image", ""},
		{len(o.vars) > 0 && o.image == "", "--env requires --image", ""},
		{o.fix && o.dir == "", "--fix requires a repository", "name its folder too: dockerflow check . --fix"},
		{o.file != "" && o.dir == "", "--dockerfile requires a repository", "name its folder too: dockerflow check ."},
		{o.file != "" && !fs.ValidPath(o.file), "--dockerfile: want a path in DIR without a leading slash, . or ..", ""},
	} {
		if f.wrong {
			return failure.New(f.hint, "%s", f.says)
		}
	}
	return nil
}

func (o *checkOptions) run(ctx context.Context) error {
	if err := o.valid(); err != nil {
		return err
	}
	if o.list {
		return o.listRules()
	}
	run, err := o.gather(ctx)
	if err != nil {
		return err
	}
	if o.writeBaseline != "" {
		return o.saveBaseline(run)
	}
	as := report.CheckFormat{Name: o.format, Verbose: o.verbose, Changes: o.fix && o.dryRun, Version: Version}
	if err := run.Print(o.env.Out, o.env.Err, as); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if run.Fails() {
		return errBroken
	}
	return nil
}
