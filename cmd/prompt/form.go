package prompt

import (
	"context"
	"maps"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/huh"

	"dockerflow/cmd/output"
	"dockerflow/generator/template"
)

// Runner shows a form until the user completes or leaves it.
type Runner func(context.Context, Pages) error

// form is the state behind the pages.
type form struct {
	Questions
	template *string                       // the chosen template
	values   map[string]map[string]*string // the input, by template ("" for common questions) and question
	decision string
	theme    *huh.Theme
	size     tea.WindowSizeMsg // the terminal's size; zero until it is known
	failed   error             // the preview's error
}

func (t Terminal) askForm(ctx context.Context, q Questions) (map[string]string, string, error) {
	f := &form{Questions: q, template: new(string), values: map[string]map[string]*string{}, theme: theme()}
	*f.template = q.Given["template"]
	run := t.Run
	if run == nil {
		run = t.runForm
	}
	if err := run(ctx, Pages{f.build()}); err != nil {
		return nil, "", err
	}
	if f.failed != nil {
		return nil, "", f.failed
	}
	return f.given(), f.decision, nil
}

// build makes a page for each group of questions. A template's own pages are hidden while another template is chosen.
func (f *form) build() *huh.Form {
	var pages []*huh.Group
	shared := template.Common(f.Templates)
	asked := *f.template == "" // the first field asks for it
	if t := template.Named(f.Templates, *f.template); t != nil {
		shared = t
	}
	for i, group := range groups(shared.Questions) {
		var fields []huh.Field
		if i == 0 && asked {
			fields = append(fields, f.choice(templateQuestion(f.Templates), f.template))
		}
		fields = append(fields, f.fields("", group.questions)...)
		pages = page(pages, group.title, fields)
	}
	if asked {
		for _, t := range f.Templates {
			own := own(t, shared)
			for _, group := range groups(own) {
				before := len(pages)
				pages = page(pages, group.title, f.fields(t.Name, group.questions))
				if len(pages) > before {
					pages[before].WithHideFunc(func() bool { return *f.template != t.Name })
				}
			}
		}
	}
	pages = append(pages, huh.NewGroup(f.review()).Title("Write the service?"))
	return huh.NewForm(pages...).WithTheme(f.theme).WithKeyMap(keys()).WithShowErrors(false)
}

func page(pages []*huh.Group, title string, fields []huh.Field) []*huh.Group {
	if len(fields) == 0 {
		return pages
	}
	return append(pages, huh.NewGroup(fields...).Title(output.Harmless(title)))
}

// own returns the questions that only t asks.
func own(t, shared *template.Template) (questions []template.Question) {
	asked := map[string]bool{}
	for _, q := range shared.Questions {
		asked[q.Name] = true
	}
	for _, q := range t.Questions {
		if !asked[q.Name] {
			questions = append(questions, q)
		}
	}
	return questions
}

type group struct {
	title     string
	questions []template.Question
}

// groups collects questions by their group, in order of first appearance.
func groups(questions []template.Question) (pages []group) {
	at := map[string]int{}
	for _, q := range questions {
		i, ok := at[q.Group]
		if !ok {
			i = len(pages)
			at[q.Group] = i
			pages = append(pages, group{title: q.Group})
		}
		pages[i].questions = append(pages[i].questions, q)
	}
	return pages
}

// fields makes fields for the questions that no flag answers.
func (f *form) fields(tmpl string, questions []template.Question) (fields []huh.Field) {
	for _, q := range questions {
		if _, ok := f.Given[q.Name]; ok {
			continue
		}
		if f.values[tmpl] == nil {
			f.values[tmpl] = map[string]*string{}
		}
		value := new(string)
		f.values[tmpl][q.Name] = value
		switch q.Type {
		case "choice":
			fields = append(fields, f.choice(q, value))
		case "bool":
			q.Choices = []template.Choice{{Value: "true", About: "yes"}, {Value: "false", About: "no"}}
			fields = append(fields, f.choice(q, value))
		default:
			fields = append(fields, f.input(q, value))
		}
	}
	return fields
}

// given returns the answers of flags and pages so far. Empty answers are left out: they get their defaults later.
func (f *form) given() map[string]string {
	given := maps.Clone(f.Given)
	given["template"] = *f.template
	for _, of := range []string{"", *f.template} {
		for name, value := range f.values[of] {
			if s := strings.TrimSpace(*value); s != "" {
				given[name] = s
			}
		}
	}
	return given
}

// question returns the chosen template and its variant of a question: each language reserves other names.
func (f *form) question(name string) (*template.Template, template.Question) {
	t := template.Named(f.Templates, *f.template)
	if t == nil {
		t = f.Templates[0]
	}
	for _, q := range t.Questions {
		if q.Name == name {
			return t, q
		}
	}
	return t, template.Question{}
}
