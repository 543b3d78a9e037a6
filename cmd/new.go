package cmd

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"dockerflow/cmd/config"
	"dockerflow/cmd/prompt"
	"dockerflow/cmd/report"
	"dockerflow/generator/failure"
	"dockerflow/generator/merge"
	"dockerflow/generator/project"
	"dockerflow/generator/template"
)

// newOptions is one run of `dockerflow new`.
type newOptions struct {
	env       Env
	lib       *library
	templates []*template.Template // with the defaults of this run
	pristine  []*template.Template // as they were read

	dir        string            // as typed, or ""
	given      map[string]string // the answers by question, and the template's name
	source     string            // the template as it was given, where that is not its name
	answers    string            // the answers file
	batch      string            // the file of rows
	onConflict string
	yes        bool
	dryRun     bool
	asJSON     bool
	noGit      bool
	outside    bool           // rows may be anywhere
	recordOnly bool           // of adopt
	existing   bool           // the folder is there
	config     *config.Config // the user's, once it is read
	recoverer  *project.Recoverer

	asked bool // prompts were shown
	show  func(given map[string]string) (*prompt.Preview, error)
}

func newNew(env Env, lib *library, all []*template.Template) *cobra.Command {
	o := &newOptions{env: env, lib: lib, templates: all, pristine: all, given: map[string]string{}}
	o.show = o.preview
	c := &cobra.Command{
		Use:   "new [DIR]",
		Short: "Write a new service",
		Long: `Write a new service into DIR, or into a folder of its name.

On a terminal, new asks for every answer that no flag and no answers file gives. Elsewhere all have to be given, or
--yes takes the defaults for the rest. Files that exist are never overwritten unless --on-conflict says so.

--batch makes many at once. A row has answers, and may have template and dir; flags stand before them, defaults are taken
for the rest, and nothing is asked. What is wrong with a row keeps no other from being made. A row's folder is below
this one, unless --allow-outside says otherwise.`,
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
					return failure.New("leave it out for a folder of the service's name", "DIR is empty")
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
	o.templateFlag(c)
	o.questionFlags(c)
	f.StringVar(&o.answers, "answers", "", "read answers from a YAML or JSON `FILE` (- for standard input)")
	f.StringVar(&o.batch, "batch", "", "make a service for each row of a `FILE`: a YAML list, or JSON lines (- for standard input)")
	f.BoolVar(&o.outside, "allow-outside", false, "with --batch: a row's dir may be outside of this folder")
	f.BoolVarP(&o.yes, "yes", "y", false, "take the defaults for what is not given, and ask nothing")
	f.BoolVar(&o.dryRun, "dry-run", false, "show what would be written, and write nothing")
	f.StringVar(&o.onConflict, "on-conflict", "", "what to do with files that exist and differ: skip or overwrite")
	f.BoolVar(&o.noGit, "no-git", false, "do not make a git repository and its first commit")
	f.BoolVar(&o.asJSON, "json", false, "print the answers and what happened to each path as JSON")
	complete(c, "on-conflict", []string{"skip", "overwrite"})
}

func (o *newOptions) templateFlag(c *cobra.Command) {
	names := templateNames(o.lib.own)
	c.Flags().VarP(answer{o.given, "template"}, "template", "t", "what to make: "+strings.Join(names, ", ")+", or a folder, an archive or a git URL")
	_ = c.RegisterFlagCompletionFunc("template", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		if c, err := o.env.config(); err == nil {
			names = append(names, sorted(c.Templates)...)
		}
		return names, cobra.ShellCompDirectiveDefault // and folders and archives
	})
}

// questionFlags makes a flag for each question of any template.
func (o *newOptions) questionFlags(c *cobra.Command) {
	f := c.Flags()
	for _, t := range o.templates {
		for _, q := range t.Questions {
			if f.Lookup(q.Name) != nil {
				continue
			}
			f.Var(answer{o.given, q.Name}, q.Name, report.Describe(q))
			if q.Type == "bool" {
				f.Lookup(q.Name).NoOptDefVal = "true"
			}
			complete(c, q.Name, q.Values())
		}
	}
}

// folders completes DIR.
func folders(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

func complete(c *cobra.Command, flag string, values []string) {
	if len(values) > 0 {
		_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
}

// answer is a flag that notes what was given, and nothing when it was not.
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
	switch o.onConflict {
	case "", string(merge.Skip), string(merge.Overwrite):
	default:
		return failure.New("", "--on-conflict %q: want skip or overwrite", o.onConflict)
	}
	if o.batch != "" {
		return o.runBatch(ctx)
	}
	if o.outside {
		return failure.New("DIR can be anywhere without it", "--allow-outside goes with --batch")
	}
	if err := o.choose(ctx); err != nil {
		return err
	}
	if err := o.readAnswers(ctx); err != nil {
		return err
	}
	if err := o.configure(o.candidates()); err != nil {
		return err
	}
	if name := o.nameFromDir(); name != "" {
		o.setDefaults(map[string]string{"name": name})
	}
	if err := o.ask(ctx); err != nil {
		return err
	}
	p, err := o.prepare()
	if err != nil {
		return err
	}
	return o.finish(ctx, p)
}

// nameFromDir is the service's default name: that of its folder, where one was typed.
func (o *newOptions) nameFromDir() string {
	switch base := filepath.Base(o.dir); base {
	case ".", "..", "/":
		return ""
	default:
		return template.Slug(base)
	}
}

// setDefaults gives questions other defaults. The templates themselves stay as they were read.
func (o *newOptions) setDefaults(defaults map[string]string) {
	o.templates = slices.Clone(o.templates)
	for i, t := range o.templates {
		o.templates[i] = t.WithDefaults(defaults)
	}
}

// choose takes a template that is none of the program's own, where one was given: its questions are those of this run.
func (o *newOptions) choose(ctx context.Context) error {
	name, ok := o.given["template"]
	if !ok || o.source != "" || template.Named(o.lib.own, name) != nil {
		return nil
	}
	t, err := o.lib.find(ctx, name)
	if errors.Is(err, errUnknown) {
		return nil // template says so
	}
	if err != nil {
		return err
	}
	o.templates, o.pristine = []*template.Template{t}, []*template.Template{t}
	o.given["template"], o.source = t.Name, name
	return nil
}

// template is the one that was chosen.
func (o *newOptions) template() (*template.Template, error) {
	name, ok := o.given["template"]
	if !ok {
		names := []string{"template"}
		for _, q := range template.Common(o.templates).Missing(o.given) {
			if q.Required {
				names = append(names, q.Name)
			}
		}
		return nil, &failure.Error{Code: failure.Failed, Err: &template.MissingError{Names: names}, Hint: "--template is one of " + strings.Join(templateNames(o.templates), ", ")}
	}
	if t := template.Named(o.templates, name); t != nil {
		return t, nil
	}
	names := templateNames(o.lib.own)
	return nil, failure.New(suggest("--template ", name, names, "see dockerflow templates"),
		"--template %q: want one of %s, or where one is: ./FOLDER, an archive, a git URL", name, strings.Join(names, ", "))
}
