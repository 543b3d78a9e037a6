package contract

import (
	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"dockerflow/generator/budget"
)

// memo is what rules remember of a step for each other.
type memo struct {
	file *dockerfile

	commands []command // of a RUN
	cost     int       // steps that it takes to look at all of them
	done     bool

	answers map[string]bool
	files   *sources // of a COPY
	exclude *matcher // of a COPY
}

// budget is that of the rule that is being judged.
func (s step) budget() *budget.Budget { return s.memo.file.budget }

// recall answers a question about a step once: some are asked for each of its commands.
func (s step) recall(question string, answer func() bool) bool {
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

// mounts are those of a RUN.
func (s step) mounts() []*instructions.Mount {
	run, ok := s.Command.(*instructions.RunCommand)
	if !ok {
		return nil
	}
	all := instructions.GetMounts(run)
	s.budget().Steps(len(all))
	return all
}

// costOf is how many steps it takes to look at commands.
func costOf(all []command) int {
	cost := 0
	for _, c := range all {
		cost += 10 + len(c.words)
		for _, w := range c.words {
			cost += len(w) / bytesOfStep
		}
		cost += len(c.input) / bytesOfStep
	}
	return cost
}
