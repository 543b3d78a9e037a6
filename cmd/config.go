package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"dockerflow/generator/failure"
	"dockerflow/generator/template"
)

// configOptions is one run of `dockerflow config`.
type configOptions struct {
	env       Env
	templates []*template.Template

	unset, asJSON bool
}

func newConfigCommand(env Env, all []*template.Template) *cobra.Command {
	o := &configOptions{env: env, templates: all}
	c := &cobra.Command{
		Use:   "config [KEY [VALUE]]",
		Short: "Print or set your own defaults, and names for your team's templates",
		Long: `Print what is configured, or one key of it, or set one.

answers.NAME is the default of a question: it stands below flags and answers files, and above the template's own default.
templates.NAME is where a template is kept: a URL, or the absolute path of a folder or an archive. The file is YAML, and
can be edited as well: setting a key keeps its comments.`,
		Example: `  dockerflow config
  dockerflow config answers.owner acme
  dockerflow config templates.acme https://github.com/acme/templates//python@v1.2.0
  dockerflow config --unset answers.owner`,
		Args:              cobra.MaximumNArgs(2),
		RunE:              func(_ *cobra.Command, args []string) error { return o.run(args) },
		ValidArgsFunction: o.complete,
	}
	c.Flags().BoolVar(&o.unset, "unset", false, "take KEY out of the configuration")
	c.Flags().BoolVar(&o.asJSON, "json", false, "print a JSON object of {file, answers, templates}, or KEY's value as a JSON string")
	return c
}

func (o *configOptions) run(args []string) error {
	switch {
	case o.unset && len(args) != 1:
		return failure.New("dockerflow config --unset answers.NAME", "--unset wants one key")
	case o.asJSON && (o.unset || len(args) == 2):
		return failure.New("leave it out", "--json goes with printing")
	case o.env.Config == "":
		return failure.New("set XDG_CONFIG_HOME", "there is no home folder to keep a configuration in")
	case len(args) == 0:
		return o.print()
	}
	section, name, err := o.key(args[0])
	switch {
	case err != nil:
		return err
	case o.unset:
		return o.remove(section, name)
	case len(args) == 2:
		return o.set(section, name, args[1])
	}
	return o.printOne(section, name)
}

// key takes a key apart. What is misspelt gets a suggestion.
func (o *configOptions) key(key string) (section, name string, err error) {
	section, name, dotted := strings.Cut(key, ".")
	sections := []string{answersSection, templatesSection}
	hint := "keys are answers.NAME and templates.NAME"
	switch {
	case !dotted && o.asked()[key].Name != "":
		hint = "did you mean answers." + key + "?"
	case !slices.Contains(sections, section):
		if near := suggest("", section, sections, ""); near != "" && dotted {
			hint = strings.TrimSuffix(near, "?") + "." + name + "?"
		}
	case dotted && name != "":
		return section, name, nil
	}
	return "", "", failure.New(hint, "no key %q", key)
}

// asked are the questions of all templates that this program has.
func (o *configOptions) asked() map[string]template.Question {
	all := (&newOptions{templates: o.templates}).questions()
	delete(all, "template")
	return all
}

func (o *configOptions) print() error {
	c, err := readConfig(o.env)
	if err != nil {
		return err
	}
	if o.asJSON {
		return o.env.Out.JSON(struct {
			File      string            `json:"file"`
			Answers   map[string]string `json:"answers"`
			Templates map[string]string `json:"templates"`
		}{o.env.Config, c.answers, c.templates})
	}
	o.env.Out.Line("%s", o.env.Config)
	for _, name := range sorted(c.answers) {
		o.env.Out.Line("  %s.%s: %s", answersSection, name, c.answers[name])
	}
	for _, name := range sorted(c.templates) {
		o.env.Out.Line("  %s.%s: %s", templatesSection, name, c.templates[name])
	}
	if len(c.answers)+len(c.templates) == 0 {
		o.env.Out.Line("  nothing is set")
	}
	return nil
}

func (c *config) section(name string) map[string]string {
	if name == answersSection {
		return c.answers
	}
	return c.templates
}

func (o *configOptions) printOne(section, name string) error {
	c, err := readConfig(o.env)
	if err != nil {
		return err
	}
	value, ok := c.section(section)[name]
	if !ok {
		return o.notSet(section, name, c.section(section))
	}
	if o.asJSON {
		return o.env.Out.JSON(value)
	}
	o.env.Out.Line("%s", value)
	return nil
}

// notSet is a finding, as it is of git config.
func (o *configOptions) notSet(section, name string, set map[string]string) error {
	hint := suggest(section+".", name, sorted(set), "")
	return &failure.Error{Code: failure.Finding, Err: fmt.Errorf("%s.%s is not set in %s", section, name, o.env.Config), Hint: hint}
}

// complete proposes what is set, and every question.
func (o *configOptions) complete(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return o.completeValue(args[0])
	}
	var keys []string
	if c, err := readConfig(o.env); err == nil {
		keys = sorted(c.places)
	}
	for _, name := range sorted(o.asked()) {
		if key := answersSection + "." + name; !o.unset && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	if !o.unset {
		keys = append(keys, templatesSection+".")
	}
	keys = slices.DeleteFunc(keys, func(key string) bool { return !strings.HasPrefix(key, typed) })
	return keys, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

func (o *configOptions) completeValue(key string) ([]string, cobra.ShellCompDirective) {
	if o.unset {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	if strings.HasPrefix(key, templatesSection+".") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return o.asked()[strings.TrimPrefix(key, answersSection+".")].Values(), cobra.ShellCompDirectiveNoFileComp
}
