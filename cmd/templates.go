package cmd

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"dockerflow/generator"
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
			all := lib.own
			if len(args) > 0 {
				t, err := lib.find(c.Context(), args[0])
				if errors.Is(err, errUnknown) {
					return failed(suggest("", args[0], templateNames(all), "see dockerflow templates"), "there is no template %q", args[0])
				}
				if err != nil {
					return err
				}
				all = []*generator.Template{t}
			}
			if asJSON {
				return writeJSON(env.Out, listTemplates(all))
			}
			for _, t := range all {
				printTemplate(env.Out, t)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print a JSON array of {name, about, version, questions}")
	return c
}

type listed struct {
	Name      string               `json:"name"`
	About     string               `json:"about"`
	Version   int                  `json:"version"`
	Questions []generator.Question `json:"questions"`
}

func listTemplates(all []*generator.Template) []listed {
	list := []listed{}
	for _, t := range all {
		list = append(list, listed{t.Name, t.About, t.Version, t.Questions})
	}
	return list
}

func printTemplate(w io.Writer, t *generator.Template) {
	fmt.Fprintf(w, "%s: %s\n", t.Name, t.About)
	for _, q := range t.Questions {
		fmt.Fprintf(w, "  --%-13s %s\n", q.Name, describe(q))
	}
	fmt.Fprintln(w)
}

// describe tells a question in one line, for lists and the help of flags.
func describe(q generator.Question) string {
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

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
