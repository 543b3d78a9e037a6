package cmd

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"dockerflow/cmd/output"
	"dockerflow/generator/failure"
	"dockerflow/generator/template"
)

func newTemplates(env Env, lib *library) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "templates [TEMPLATE]",
		Short: "List the templates, their questions, defaults and choices",
		Example: `  dockerflow templates
  dockerflow templates https://github.com/acme/templates//python@v1.2.0
  dockerflow templates --json | jq -r '.[].name'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) > 0 {
				return listOne(c.Context(), lib, args[0], asJSON)
			}
			config, err := readConfig(env)
			if err != nil {
				env.note("templates that you have named are left out: %v", err)
				return list(env.Out, lib.own, nil, asJSON)
			}
			return list(env.Out, lib.own, config.templates, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print a JSON array of {name, source, about, version, questions}")
	return c
}

// listed is a template in the list. Of those elsewhere only the source is known until they are asked for by name.
type listed struct {
	Name      string              `json:"name"`
	Source    string              `json:"source,omitempty"`
	About     string              `json:"about,omitempty"`
	Version   int                 `json:"version,omitempty"`
	Questions []template.Question `json:"questions,omitempty"`
}

func listOne(ctx context.Context, lib *library, name string, asJSON bool) error {
	t, err := lib.find(ctx, name)
	if errors.Is(err, errUnknown) {
		return failure.New(suggest("", name, templateNames(lib.own), "see dockerflow templates"), "there is no template %q", name)
	}
	if err != nil {
		return err
	}
	return list(lib.env.Out, []*template.Template{t}, nil, asJSON)
}

// list prints templates, and where those are that the user has named.
func list(w *output.Stream, all []*template.Template, elsewhere map[string]string, asJSON bool) error {
	report := []listed{}
	for _, t := range all {
		report = append(report, listed{t.Name, t.Origin.String(), t.About, t.Version, t.Questions})
		if !asJSON {
			printTemplate(w, t)
		}
	}
	for _, name := range sorted(elsewhere) {
		report = append(report, listed{Name: name, Source: elsewhere[name]})
		if !asJSON {
			w.Line("%s: %s", name, elsewhere[name])
		}
	}
	if asJSON {
		return w.JSON(report)
	}
	return nil
}

func printTemplate(w *output.Stream, t *template.Template) {
	w.Line("%s: %s", t.Name, t.About)
	for _, q := range t.Questions {
		w.Line("  --%-13s %s", q.Name, describe(q))
	}
	w.Line("")
}

// describe tells a question in one line, for lists and the help of flags.
func describe(q template.Question) string {
	s := q.Ask
	if len(q.Choices) > 0 {
		s += ": " + strings.Join(q.Values(), ", ")
	}
	switch {
	case q.Required:
		s += " (required)"
	case q.Default != "":
		s += " (default " + readable(q.Default) + ")"
	}
	return s
}

var placeholder = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`<%[^%]*?\.(\w+)\s*%>`) })

// readable shows a default that is made of other answers: github.com/<owner>/<name>.
func readable(s string) string { return placeholder().ReplaceAllString(s, "<$1>") }
