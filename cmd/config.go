package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/afero"
	"github.com/spf13/cobra"

	"dockerflow/generator"
)

// configOptions is one run of `dockerflow config`.
type configOptions struct {
	env       Env
	templates []*generator.Template

	unset, asJSON bool
}

func newConfigCommand(env Env, all []*generator.Template) *cobra.Command {
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
		return failed("dockerflow config --unset answers.NAME", "--unset wants one key")
	case o.asJSON && (o.unset || len(args) == 2):
		return failed("leave it out", "--json goes with printing")
	case o.env.Config == "":
		return failed("set XDG_CONFIG_HOME", "there is no home folder to keep a configuration in")
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
	return "", "", failed(hint, "no key %q", key)
}

// asked are the questions of all templates that this program has.
func (o *configOptions) asked() map[string]generator.Question {
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
		return writeJSON(o.env.Out, struct {
			File      string            `json:"file"`
			Answers   map[string]string `json:"answers"`
			Templates map[string]string `json:"templates"`
		}{o.env.Config, c.answers, c.templates})
	}
	fmt.Fprintln(o.env.Out, plain(o.env.Config))
	for _, name := range sorted(c.answers) {
		fmt.Fprintf(o.env.Out, "  %s.%s: %s\n", answersSection, name, c.answers[name])
	}
	for _, name := range sorted(c.templates) {
		fmt.Fprintf(o.env.Out, "  %s.%s: %s\n", templatesSection, name, c.templates[name])
	}
	if len(c.answers)+len(c.templates) == 0 {
		fmt.Fprintln(o.env.Out, "  nothing is set")
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
		return writeJSON(o.env.Out, value)
	}
	_, err = fmt.Fprintln(o.env.Out, value)
	return err
}

// notSet is a finding, as it is of git config.
func (o *configOptions) notSet(section, name string, set map[string]string) error {
	hint := suggest(section+".", name, sorted(set), "")
	return &failure{exitFinding, fmt.Errorf("%s.%s is not set in %s", section, plain(name), plain(o.env.Config)), hint}
}

// set judges before it writes. A template of a team's may ask what no template of this program does.
func (o *configOptions) set(section, name, value string) error {
	key := section + "." + name
	if err := judgeKey(section, name, o.env.Templates); err != nil {
		return failed("", "%s: %w", plain(key), err)
	}
	if err := judgeValue(section, value); err != nil {
		return failed("", "%s: %w", key, err)
	}
	asked := o.asked()
	if _, known := asked[name]; section == answersSection && !known {
		o.env.note("no template of this program asks for %s%s", name, nearQuestion(name, asked))
	}
	if section == answersSection {
		if err := refused(o.templates, name, value); err != nil {
			return (&config{}).refusal(err)
		}
	}
	if err := o.edit(section, name, &value); err != nil {
		return err
	}
	_, err := fmt.Fprintf(o.env.Out, "%s: %s is %s\n", plain(o.env.Config), key, value)
	return err
}

func (o *configOptions) remove(section, name string) error {
	data, err := readConfigFile(o.env)
	if err != nil {
		return err
	}
	doc, err := parseConfig(data)
	if err != nil {
		return failed("mend it there", "%s:%w", o.env.Config, err)
	}
	set := map[string]string{}
	maps.Copy(set, texts(doc))
	maps.DeleteFunc(set, func(key, _ string) bool { return !strings.HasPrefix(key, section+".") })
	if _, ok := set[section+"."+name]; !ok {
		return o.notSet(section, name, nil)
	}
	if err := o.edit(section, name, nil); err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.env.Out, "%s: %s.%s is not set any more\n", plain(o.env.Config), section, name)
	return err
}

// edit writes the file whole or not at all: that which a symbolic link leads to, as dotfile managers make them.
func (o *configOptions) edit(section, name string, value *string) error {
	data, err := readConfigFile(o.env)
	if err != nil {
		return err
	}
	text, err := edited(data, section, name, value)
	if err != nil {
		return failed("mend it there", "%s:%w", o.env.Config, err)
	}
	if len(text) > maxUserConfig {
		return failed("", "configuration %s: want at most %d bytes", o.env.Config, maxUserConfig)
	}
	file, err := followed(o.env.FS, o.env.Config)
	if err == nil {
		err = o.env.FS.MkdirAll(filepath.Dir(file), 0o700)
	}
	mode := fs.FileMode(0o600)
	if info, serr := o.env.FS.Stat(file); serr == nil {
		mode = info.Mode().Perm()
	}
	if err == nil {
		err = replaceFile(o.env.FS, file, text, mode)
	}
	if err != nil {
		return failed("", "write the configuration: %w", err)
	}
	return nil
}

// followed is the file that a symbolic link leads to, whether or not it exists.
func followed(fsys generator.FS, name string) (string, error) {
	links, ok := fsys.(afero.LinkReader)
	for range 40 {
		info, err := fsys.Lstat(name)
		if !ok || err != nil || info.Mode()&fs.ModeSymlink == 0 {
			return name, nil //nolint:nilerr // what is not there is made
		}
		to, err := links.ReadlinkIfPossible(name)
		if err != nil {
			return "", err
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(name), to)
		}
		name = to
	}
	return "", errors.New(name + ": too many symbolic links")
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
