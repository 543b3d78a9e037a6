package report

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"dockerflow/cmd/output"
	"dockerflow/generator/template"
)

// listed is a template in the list. A template from outside the program has only a name and a source here: it is not
// loaded until the user names it.
type listed struct {
	Name      string              `json:"name"`
	Source    string              `json:"source,omitempty"`
	About     string              `json:"about,omitempty"`
	Version   int                 `json:"version,omitempty"`
	Questions []template.Question `json:"questions,omitempty"`
}

// Templates prints templates, and the name and source of each template that the user has named.
func Templates(w *output.Stream, all []*template.Template, elsewhere map[string]string, asJSON bool) error {
	rows := []listed{}
	for _, t := range all {
		rows = append(rows, listed{t.Name, t.Origin.String(), t.About, t.Version, t.Questions})
		if !asJSON {
			printTemplate(w, t)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(elsewhere)) {
		rows = append(rows, listed{Name: name, Source: elsewhere[name]})
		if !asJSON {
			w.Line("%s: %s", name, elsewhere[name])
		}
	}
	if asJSON {
		return w.JSON(rows)
	}
	return nil
}

func printTemplate(w *output.Stream, t *template.Template) {
	w.Line("%s: %s", t.Name, t.About)
	for _, q := range t.Questions {
		w.Line("  --%-13s %s", q.Name, Describe(q))
	}
	w.Line("")
}

// Describe returns a question as one line, for lists and the help of flags.
func Describe(q template.Question) string {
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

// readable shortens a default that depends on other answers: github.com/<owner>/<name>.
func readable(s string) string { return placeholder().ReplaceAllString(s, "<$1>") }
