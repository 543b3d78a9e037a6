package cmd

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"dockerflow/cmd/config"
	"dockerflow/cmd/prompt"
	"dockerflow/generator/failure"
	"dockerflow/generator/template"
)

// answerSet holds the templates that a run may use, and the answers from flags, an answers file, a project's record and
// prompts. It also sets the defaults of this run.
type answerSet struct {
	env       Env
	lib       *library
	templates []*template.Template // with the defaults of this run
	pristine  []*template.Template // as read, without them
	given     map[string]string    // the answers by question, and the template's name
	source    string               // the template as typed, if that is not its name
	config    *config.Config       // the user's configuration, once read
	asked     bool                 // whether prompts were shown
}

func newAnswerSet(env Env, lib *library, all []*template.Template) *answerSet {
	return &answerSet{env: env, lib: lib, templates: all, pristine: all, given: map[string]string{}}
}

// with returns a copy of the set with other answers.
func (s *answerSet) with(given map[string]string) *answerSet {
	other := *s
	other.given = given
	return &other
}

// use makes t the only template of this run.
func (s *answerSet) use(t *template.Template) {
	s.templates, s.pristine = []*template.Template{t}, []*template.Template{t}
}

// canAsk reports whether the run can show prompts.
func (s *answerSet) canAsk() bool { return s.env.Prompts != prompt.None }

// resolve returns the chosen template and its answers, completed with defaults.
func (s *answerSet) resolve() (*template.Template, template.Answers, error) {
	t, err := s.template()
	if err != nil {
		return nil, nil, err
	}
	a, err := t.Resolve(s.answersOnly())
	return t, a, hinted(err)
}

// answersOnly returns the answers without the template's name.
func (s *answerSet) answersOnly() map[string]string {
	given := maps.Clone(s.given)
	delete(given, "template")
	return given
}

// setDefaults replaces defaults of questions. It changes copies of the templates.
func (s *answerSet) setDefaults(defaults map[string]string) {
	s.templates = slices.Clone(s.templates)
	for i, t := range s.templates {
		s.templates[i] = t.WithDefaults(defaults)
	}
}

// choose loads the given template if it comes from outside the program, and makes it the only one of this run.
func (s *answerSet) choose(ctx context.Context) error {
	name, ok := s.given["template"]
	if !ok || s.source != "" || template.Named(s.lib.own, name) != nil {
		return nil
	}
	t, err := s.lib.find(ctx, name)
	if errors.Is(err, errUnknown) {
		return nil // template reports it
	}
	if err != nil {
		return err
	}
	s.use(t)
	s.given["template"], s.source = t.Name, name
	return nil
}

// template returns the chosen template.
func (s *answerSet) template() (*template.Template, error) {
	name, ok := s.given["template"]
	if !ok {
		names := []string{"template"}
		for _, q := range template.Common(s.templates).Missing(s.given) {
			if q.Required {
				names = append(names, q.Name)
			}
		}
		return nil, &failure.Error{Code: failure.Failed, Err: &template.MissingError{Names: names}, Hint: "set --template to one of " + strings.Join(templateNames(s.templates), ", ")}
	}
	if t := template.Named(s.templates, name); t != nil {
		return t, nil
	}
	names := templateNames(s.lib.own)
	return nil, failure.New(suggest("--template ", name, names, "see dockerflow templates"),
		"--template %q: want one of %s, or a location: ./FOLDER, an archive, a git URL", name, strings.Join(names, ", "))
}

// questions returns the questions of all templates by name, and the question for the template.
func (s *answerSet) questions() map[string]template.Question {
	all := questionsOf(s.templates)
	all["template"] = template.Question{Name: "template", Type: "string"}
	return all
}

// questionsOf returns the questions of templates by name.
func questionsOf(templates []*template.Template) map[string]template.Question {
	all := map[string]template.Question{}
	for _, t := range templates {
		for _, q := range t.Questions {
			all[q.Name] = q
		}
	}
	return all
}

// missing returns the names of unanswered questions. Without a template, these are the questions common to all templates.
func (s *answerSet) missing() (names []string) {
	t, _ := s.template()
	if _, ok := s.given["template"]; !ok {
		names, t = []string{"template"}, template.Common(s.templates)
	}
	if t == nil {
		return nil // unknown template: prepare reports it
	}
	for _, q := range t.Missing(s.given) {
		names = append(names, q.Name)
	}
	return names
}

// checkGiven validates the given answers before the first prompt.
func (s *answerSet) checkGiven() error {
	among := s.templates
	if _, ok := s.given["template"]; ok {
		t, err := s.template()
		if err != nil {
			return err
		}
		var unknown *template.UnknownError
		if _, err := t.Resolve(s.answersOnly()); errors.As(err, &unknown) {
			return hinted(err)
		}
		among = []*template.Template{t}
	}
	for _, name := range slices.Sorted(maps.Keys(s.given)) {
		if err := template.Refused(among, name, s.given[name]); err != nil {
			return hinted(err)
		}
	}
	return nil
}

// candidates returns the templates that this run may still use.
func (s *answerSet) candidates() []*template.Template {
	if t := template.Named(s.templates, s.given["template"]); t != nil {
		return []*template.Template{t}
	}
	return s.templates
}
