package dockerfile

import (
	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"dockerflow/generator/budget"
	"dockerflow/generator/contract/shell"
)

// memo is what rules remember of a step for each other.
type memo struct {
	file *File

	commands []shell.Command // of a RUN
	cost     int             // steps that it takes to look at all of them
	done     bool

	answers map[string]bool
	files   *PathSet // of a COPY
	exclude *matcher // of a COPY
}

// Budget is that of the rule that is being judged.
func (s Step) Budget() *budget.Budget { return s.memo.file.Budget }

// Recall answers a question about a step once: some are asked for each of its commands.
func (s Step) Recall(question string, answer func() bool) bool {
	yes, ok := s.memo.answers[question]
	if !ok {
		yes = answer()
		if s.memo.answers == nil {
			s.memo.answers = map[string]bool{}
		}
		s.memo.answers[question] = yes
	}
	return yes
}

// Mounts are those of a RUN.
func (s Step) Mounts() []*instructions.Mount {
	run, ok := s.Command.(*instructions.RunCommand)
	if !ok {
		return nil
	}
	all := instructions.GetMounts(run)
	s.Budget().Steps(len(all))
	return all
}
