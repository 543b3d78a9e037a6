package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"dockerflow/cmd/config"
	"dockerflow/generator/failure"
	"dockerflow/generator/template"
)

// configOptions holds the flags of dockerflow config.
type configOptions struct {
	env       Env
	templates []*template.Template

	unset, asJSON bool
}

func newConfigCommand(env Env, all []*template.Template) *cobra.Command {
	o := &configOptions{env: env, templates: all}
	c := &cobra.Command{
		Use:   "config [KEY [VALUE]]",
		Short: "Print or set your default answers and your names for templates",
		Long: `Print the whole configuration, print one key, or set one.

answers.NAME is your default for a question. Precedence: flags, answers files,
your configuration, the template's default. templates.NAME is the location of a
template: a URL, or the absolute path of a folder or an archive. The file is
YAML, and you can edit it: setting a key keeps your comments.`,
		Example: `  dockerflow config
  dockerflow config answers.owner acme
  dockerflow config templates.acme https://github.com/acme/templates//python@v1.2.0
  dockerflow config --unset answers.owner`,
		Args:              cobra.MaximumNArgs(2),
		RunE:              func(_ *cobra.Command, args []string) error { return o.run(args) },
		ValidArgsFunction: o.complete,
	}
	c.Flags().BoolVar(&o.unset, "unset", false, "remove KEY from the configuration")
	c.Flags().BoolVar(&o.asJSON, "json", false, "print {file, answers, templates} as JSON, or KEY's value as a JSON string")
	return c
}

func (o *configOptions) run(args []string) error {
	switch {
	case o.unset && len(args) != 1:
		return failure.New("dockerflow config --unset answers.NAME", "--unset requires one key")
	case o.asJSON && (o.unset || len(args) == 2):
		return failure.New("remove it", "--json is only for printing")
	case o.env.Config == "":
		return failure.New("set XDG_CONFIG_HOME", "no home folder for the configuration")
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

// key splits a key into section and name, and suggests a correction for a misspelt one.
func (o *configOptions) key(key string) (section, name string, err error) {
	section, name, dotted := strings.Cut(key, ".")
	sections := []string{config.Answers, config.Templates}
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

// asked returns the questions of all built-in templates.
func (o *configOptions) asked() map[string]template.Question { return questionsOf(o.templates) }

func (o *configOptions) print() error {
	c, err := o.env.config()
	if err != nil {
		return err
	}
	if o.asJSON {
		return o.env.Out.JSON(struct {
			File      string            `json:"file"`
			Answers   map[string]string `json:"answers"`
			Templates map[string]string `json:"templates"`
		}{o.env.Config, c.Answers, c.Templates})
	}
	o.env.Out.Line("%s", o.env.Config)
	for _, name := range sorted(c.Answers) {
		o.env.Out.Line("  %s.%s: %s", config.Answers, name, c.Answers[name])
	}
	for _, name := range sorted(c.Templates) {
		o.env.Out.Line("  %s.%s: %s", config.Templates, name, c.Templates[name])
	}
	if len(c.Answers)+len(c.Templates) == 0 {
		o.env.Out.Line("  nothing is set")
	}
	return nil
}

func (o *configOptions) printOne(section, name string) error {
	c, err := o.env.config()
	if err != nil {
		return err
	}
	value, ok := c.Section(section)[name]
	if !ok {
		return o.notSet(section, name, c.Section(section))
	}
	if o.asJSON {
		return o.env.Out.JSON(value)
	}
	o.env.Out.Line("%s", value)
	return nil
}

// notSet returns a finding, so that the exit code is 1, as for git config.
func (o *configOptions) notSet(section, name string, set map[string]string) error {
	hint := suggest(section+".", name, sorted(set), "")
	return &failure.Error{Code: failure.Finding, Err: fmt.Errorf("%s.%s is not set in %s", section, name, o.env.Config), Hint: hint}
}

// complete proposes the keys that are set, and a key for every question.
func (o *configOptions) complete(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return o.completeValue(args[0])
	}
	var keys []string
	if c, err := o.env.config(); err == nil {
		keys = c.Keys()
	}
	for _, name := range sorted(o.asked()) {
		if key := config.Answers + "." + name; !o.unset && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	if !o.unset {
		keys = append(keys, config.Templates+".")
	}
	keys = slices.DeleteFunc(keys, func(key string) bool { return !strings.HasPrefix(key, typed) })
	return keys, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

func (o *configOptions) completeValue(key string) ([]string, cobra.ShellCompDirective) {
	if o.unset {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	if strings.HasPrefix(key, config.Templates+".") {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return o.asked()[strings.TrimPrefix(key, config.Answers+".")].Values(), cobra.ShellCompDirectiveNoFileComp
}

// set validates before it writes. It only warns about unknown questions, because a team's template may ask them.
func (o *configOptions) set(section, name, value string) error {
	key := section + "." + name
	if err := config.Check(section, name, value, o.env.Templates); err != nil {
		return failure.New("", "%s: %w", key, err)
	}
	asked := o.asked()
	if _, known := asked[name]; section == config.Answers && !known {
		o.env.note("no built-in template asks for %s%s", name, nearQuestion(name, asked))
	}
	if section == config.Answers {
		if err := template.Refused(o.templates, name, value); err != nil {
			return refusal(&config.Config{}, err)
		}
	}
	if err := config.Set(o.env.FS, o.env.Config, section, name, value); err != nil {
		return err
	}
	o.env.Out.Line("%s: %s is %s", o.env.Config, key, value)
	return nil
}

func (o *configOptions) remove(section, name string) error {
	found, err := config.Unset(o.env.FS, o.env.Config, section, name)
	if err != nil {
		return err
	}
	if !found {
		return o.notSet(section, name, nil)
	}
	o.env.Out.Line("%s: %s.%s is no longer set", o.env.Config, section, name)
	return nil
}
