// Package cmd implements the commands: their flags, prompts and reports.
package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"dockerflow/cmd/config"
	"dockerflow/cmd/output"
	"dockerflow/cmd/prompt"
	"dockerflow/cmd/termquiet"
	"dockerflow/generator/failure"
	"dockerflow/generator/git"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
	"dockerflow/templates"
)

// Env is a command's environment: its streams, file system, git and templates.
type Env struct {
	In        io.Reader
	Out, Err  *output.Stream
	Prompts   prompt.Kind
	FS        tree.FS
	Git       git.Runner
	Templates fs.FS
	Cache     string // the cache folder for templates from git, or ""
	Config    string // the user's configuration file, or ""
	Progress  bool   // Err is a terminal that can redraw a line

	tested *template.Template // the template that --template . means while its cases run
	form   prompt.Runner      // for tests
}

func (env Env) note(format string, args ...any) {
	env.Err.Note(format, args...)
}

// complain prints an error and its hint.
func (env Env) complain(err error, hint string) {
	env.Err.Line("dockerflow: error: %s", err)
	if hint != "" {
		env.Err.Line("dockerflow: hint: %s", hint)
	}
}

// System returns the environment of the running process.
func System() Env {
	termquiet.Restore()
	out, err := output.Standard(os.Getenv)
	return Env{
		In:        os.Stdin,
		Out:       out,
		Err:       err,
		Prompts:   prompt.System(err),
		FS:        tree.Disk{},
		Git:       runGit,
		Templates: templates.FS,
		Cache:     userCache(),
		Config:    config.File(),
		Progress:  os.Getenv("TERM") != "dumb" && err.Terminal() != nil,
	}
}

// userCache returns the program's folder in the user's cache, or "".
func userCache() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "dockerflow")
}

// config reads the user's configuration.
func (env Env) config() (*config.Config, error) {
	return config.Read(env.FS, env.Config, env.Templates)
}

func runGit(ctx context.Context, c git.Command) (string, error) { return c.Output(ctx) }

// Run runs one command line, without the program's name, and returns its exit code.
func Run(ctx context.Context, args []string, env Env) int {
	code := env.run(ctx, args)
	if err := env.Out.Close(); err != nil {
		env.complain(fmt.Errorf("standard output: %w", err), "the report is incomplete: free some space, or redirect it elsewhere")
		code = max(code, failure.Failed)
	}
	_ = env.Err.Close() // there is nowhere left to report an error
	return code
}

func (env Env) run(ctx context.Context, args []string) int {
	root, err := Root(ctx, env, args)
	if err == nil {
		err = root.ExecuteContext(ctx)
	}
	if err == nil {
		return failure.OK
	}
	f := &failure.Error{Code: failure.Failed, Err: err}
	errors.As(err, &f)
	if f == errBroken || f == errFaulty {
		return f.Code // the report has already said so
	}
	if ctx.Err() != nil && f.Code == failure.Failed {
		f = prompt.ErrInterrupted
	}
	env.complain(err, f.Hint)
	return f.Code
}

// Root returns the command tree for args. It does not read the templates for version and check, which need none.
func Root(ctx context.Context, env Env, args []string) (*cobra.Command, error) {
	root := &cobra.Command{
		Use:   "dockerflow",
		Short: "Generate and check web services that follow Mozilla's Dockerflow specification",
		Long: `Dockerflow generates Node, Python and Go web services that are ready to run and
follow Mozilla's Dockerflow specification: health endpoints, mozlog, statsd, a
container and the CI that builds it.`,
		Example: `  dockerflow new                                      # asks questions
  dockerflow new hello --template go --yes            # uses the defaults
  dockerflow check                                    # checks the current repository
  dockerflow templates                                # lists the templates`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noCommand,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetArgs(harmless(goFlags(args)))
	root.SetIn(env.In)
	root.SetOut(env.Out.Writer())
	root.SetErr(env.Err.Writer())
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(newVersion(env), newCheck(env))
	if len(args) > 0 && (args[0] == "version" || args[0] == "check") {
		return root, nil
	}
	taken := takenNames(env)
	all, err := template.Load(env.Templates, taken)
	if err != nil {
		return nil, err
	}
	lib := newLibrary(env, all, taken)
	asked, err := lib.foresee(ctx, args)
	if err != nil {
		return nil, err
	}
	root.AddCommand(asking(env, lib, asked)...)
	root.AddCommand(newDiff(env, lib), newTemplates(env, lib), newConfigCommand(env, all), newTemplate(env, lib))
	addCompletion(root)
	return root, nil
}

// goFlags accepts -update for template test, as go test does.
func goFlags(args []string) []string {
	if len(args) < 2 || args[0] != "template" || args[1] != "test" {
		return args
	}
	args = slices.Clone(args)
	for i, arg := range args {
		if arg == "-update" {
			args[i] = "--update"
		}
	}
	return args
}

// harmless escapes the words of a completion request: cobra quotes them in errors that it prints to the process's own
func harmless(args []string) []string {
	if len(args) == 0 || !strings.HasPrefix(args[0], cobra.ShellCompRequestCmd) {
		return args
	}
	words := slices.Clone(args)
	for i, word := range args {
		words[i] = output.Harmless(word)
	}
	return words
}

// addCompletion adds cobra's completion command.
func addCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	c, _, err := root.Find([]string{"completion"})
	if err != nil {
		return
	}
	c.Example = "  source <(dockerflow completion bash)"
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
}

func noCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var names []string
	for _, command := range c.Commands() {
		if command.IsAvailableCommand() {
			names = append(names, command.Name())
		}
	}
	return failure.New(suggest(c.CommandPath()+" ", args[0], names, "see "+c.CommandPath()+" --help"), "no command %q", args[0])
}

// flagError adds a hint to an error of the flag parser: the flag that was probably meant, or where to find help.
func flagError(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return failure.New("see "+c.CommandPath()+" --help", "%w", err)
	}
	if short := unknown.GetSpecifiedShortnames(); short != "" {
		return failure.New("see "+c.CommandPath()+" --help", "no flag -%s", unknown.GetSpecifiedName())
	}
	name := unknown.GetSpecifiedName()
	return failure.New(suggest("--", name, flagNames(c), "see "+c.CommandPath()+" --help"), "no flag --%s", strings.TrimLeft(name, "-"))
}

func flagNames(c *cobra.Command) (names []string) {
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

// suggest returns the hint for a misspelt word: the nearest word, or otherwise.
func suggest(prefix, word string, among []string, otherwise string) string {
	if near := template.Nearest(word, among); near != "" {
		return "did you mean " + prefix + near + "?"
	}
	return otherwise
}
