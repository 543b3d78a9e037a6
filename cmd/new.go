package cmd

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"dockerflow/cmd/report"
	"dockerflow/generator/failure"
	"dockerflow/generator/merge"
	"dockerflow/generator/template"
)

// newOptions holds the flags and arguments of dockerflow new.
type newOptions struct {
	env   Env
	set   *answerSet
	maker maker

	dir         string // as typed, or ""
	answersFile string
	batchFile   string
	yes         bool
	asJSON      bool
	outside     bool // allow folders outside the current one
}

func newNew(env Env, lib *library, all []*template.Template) *cobra.Command {
	o := &newOptions{env: env, set: newAnswerSet(env, lib, all), maker: maker{env: env}}
	c := &cobra.Command{
		Use:   "new [DIR]",
		Short: "Generate a new service",
		Long: `Generate a new service in DIR, or in a folder with the service's name.

On a terminal, new asks for every answer that no flag or answers file gives.
Elsewhere, give all answers, or use --yes to accept the defaults for the rest.
Flags override the answers file; the file overrides defaults. Existing files are
never overwritten unless you pass --on-conflict overwrite.

--batch generates many services and asks nothing. Each row has answers, and may
have template and dir. Flags override rows; missing keys use the defaults. One
bad row does not stop the others. The rows' folders must be inside the current
one unless you pass --allow-outside.`,
		Example: `  dockerflow new
  dockerflow new hello --template go --yes
  dockerflow new hello --template python --owner acme --ci github --yes --dry-run
  dockerflow new hello --template https://github.com/acme/templates//python@v1.2.0
  dockerflow new hello --answers answers.yaml --json
  dockerflow new --batch services.yaml --template go`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				if o.dir = args[0]; o.dir == "" {
					return failure.New("leave it out to use the service's name", "DIR is empty")
				}
			}
			return o.run(c.Context())
		},
		ValidArgsFunction: folders,
	}
	o.flags(c)
	return c
}

func (o *newOptions) flags(c *cobra.Command) {
	f := c.Flags()
	f.SortFlags = false
	o.set.templateFlag(c)
	o.set.questionFlags(c)
	f.StringVar(&o.answersFile, "answers", "", "read answers from a YAML or JSON `FILE` (- for standard input)")
	f.StringVar(&o.batchFile, "batch", "", "generate a service for each row of `FILE`: a YAML list, or JSON lines (- for standard input)")
	f.BoolVar(&o.outside, "allow-outside", false, "with --batch: allow folders outside the current one")
	f.BoolVarP(&o.yes, "yes", "y", false, "use the defaults for missing answers, and ask nothing")
	f.BoolVar(&o.maker.dryRun, "dry-run", false, "show what would be written, but write nothing")
	f.StringVar(&o.maker.onConflict, "on-conflict", "", "what to do with files that exist and differ: skip or overwrite")
	f.BoolVar(&o.maker.noGit, "no-git", false, "do not create a git repository and its first commit")
	f.BoolVar(&o.asJSON, "json", false, "print the answers and the result for each path as JSON")
	complete(c, "on-conflict", []string{"skip", "overwrite"})
}

func (s *answerSet) templateFlag(c *cobra.Command) {
	names := templateNames(s.lib.own)
	c.Flags().VarP(answer{s.given, "template"}, "template", "t", "the template: "+strings.Join(names, ", ")+", or a folder, an archive or a git URL")
	_ = c.RegisterFlagCompletionFunc("template", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		if c, err := s.env.config(); err == nil {
			names = append(names, sorted(c.Templates)...)
		}
		return names, cobra.ShellCompDirectiveDefault // also folders and archives
	})
}

// questionFlags adds a flag for each question of the templates.
func (s *answerSet) questionFlags(c *cobra.Command) {
	f := c.Flags()
	for _, t := range s.templates {
		for _, q := range t.Questions {
			if f.Lookup(q.Name) != nil {
				continue
			}
			f.Var(answer{s.given, q.Name}, q.Name, report.Describe(q))
			if q.Type == "bool" {
				f.Lookup(q.Name).NoOptDefVal = "true"
			}
			complete(c, q.Name, q.Values())
		}
	}
}

// folders completes DIR with folders.
func folders(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

func complete(c *cobra.Command, flag string, values []string) {
	if len(values) > 0 {
		_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
}

// answer is a flag value that records an answer if the flag is given.
type answer struct {
	given map[string]string
	name  string
}

func (a answer) Set(s string) error { a.given[a.name] = s; return nil }
func (a answer) String() string     { return "" }
func (a answer) Type() string       { return "TEXT" }

func templateNames(all []*template.Template) (names []string) {
	for _, t := range all {
		names = append(names, t.Name)
	}
	return names
}

func (o *newOptions) run(ctx context.Context) error {
	switch o.maker.onConflict {
	case "", string(merge.Skip), string(merge.Overwrite):
	default:
		return failure.New("", "--on-conflict %q: want skip or overwrite", o.maker.onConflict)
	}
	if o.batchFile != "" {
		return o.runBatch(ctx)
	}
	if o.outside {
		return failure.New("DIR can be anywhere without it", "--allow-outside requires --batch")
	}
	if err := o.set.choose(ctx); err != nil {
		return err
	}
	if err := o.set.readAnswers(ctx, o.answersFile); err != nil {
		return err
	}
	if err := o.set.configure(o.set.candidates()); err != nil {
		return err
	}
	if name := nameFromDir(o.dir); name != "" {
		o.set.setDefaults(map[string]string{"name": name})
	}
	if err := o.ask(ctx); err != nil {
		return err
	}
	p, err := o.prepare(o.set)
	if err != nil {
		return err
	}
	return o.finish(ctx, p)
}

// nameFromDir returns the service's default name from a folder that was typed, or "".
func nameFromDir(dir string) string {
	switch base := filepath.Base(dir); base {
	case ".", "..", "/":
		return ""
	default:
		return template.Slug(base)
	}
}

// ask completes the answers with prompts, if answers are missing and there is a terminal.
func (o *newOptions) ask(ctx context.Context) error {
	missing := o.set.missing()
	if o.yes || len(missing) == 0 && !o.undecided() {
		return nil
	}
	if !o.set.canAsk() {
		if len(missing) == 0 {
			return nil
		}
		return failure.New("--yes uses the defaults where they exist", "%w", &template.MissingError{Names: missing})
	}
	if err := o.set.checkGiven(); err != nil {
		return err
	}
	o.set.setDefaults(o.set.learn(ctx, o.dir, ".")) // the new project's folder may not exist yet
	o.set.prefer()                                  // configured defaults override those found
	o.set.setDefaults(map[string]string{"name": folderName(o.dir)})
	action, err := o.set.ask(ctx, o.preview)
	if action == string(merge.Skip) || action == string(merge.Overwrite) {
		o.maker.onConflict = action
	}
	return err
}

// undecided reports whether there are conflicts and no --on-conflict to resolve them.
func (o *newOptions) undecided() bool {
	if o.maker.onConflict != "" || o.maker.dryRun || !o.set.canAsk() {
		return false
	}
	p, err := o.prepare(o.set)
	return err == nil && o.maker.decide(p) == nil && len(p.plan.Conflicts()) > 0
}

// prepare renders the project and compares it with existing files. It writes nothing.
func (o *newOptions) prepare(set *answerSet) (*planned, error) {
	t, answers, err := set.resolve()
	if err != nil {
		return nil, err
	}
	dir := target(o.dir, answers)
	if dir == "" {
		return nil, failure.New("dockerflow new DIR", "template %s does not ask for a name: give a folder", t.Name)
	}
	return o.maker.plan(t, answers, dir)
}

// finish writes the project, unless --dry-run is set, and prints the report.
func (o *newOptions) finish(ctx context.Context, p *planned) error {
	conflicts, err := o.maker.write(ctx, p)
	if err != nil {
		return err
	}
	if err := o.report(p); err != nil {
		return err
	}
	if len(conflicts) > 0 {
		return o.maker.conflictError(conflicts)
	}
	return o.maker.commit(ctx, p)
}
