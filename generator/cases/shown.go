package cases

import (
	"fmt"

	"dockerflow/generator/project"
	"dockerflow/generator/template"
	"dockerflow/generator/tree"
)

// Shown collects the templates and answers that cases show.
type Shown map[string]bool

// Add adds what a case has written, by its record.
func (s Shown) Add(files tree.Tree) error {
	record, err := project.ReadRecord(files[tree.RecordFile].Data)
	if err != nil {
		return fmt.Errorf("%s: %w", tree.RecordFile, err)
	}
	s[record.Template] = true
	for name, answer := range record.Answers {
		s[choice(name, answer)] = true
	}
	return nil
}

// Without returns the choices that no case shows, as flags.
func (s Shown) Without(questions []template.Question) (choices []string) {
	for _, q := range questions {
		for _, value := range q.Values() {
			if c := choice(q.Name, value); !s[c] {
				choices = append(choices, c)
			}
		}
	}
	return choices
}

func choice(question, value string) string { return "--" + question + " " + value }
