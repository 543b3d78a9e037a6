package dockerfile

import (
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"dockerflow/generator/contract/shell"
)

// Runs returns the commands of a RUN, with the variables that are known. It counts what a rule takes to look at them.
func Runs(s Step) []shell.Command {
	if !s.memo.done {
		all := readRun(s)
		s.memo.commands, s.memo.cost, s.memo.done = all, shell.CostOf(all), true
	}
	s.Budget().Steps(s.memo.cost)
	return s.memo.commands
}

func readRun(s Step) []shell.Command {
	run, ok := s.Command.(*instructions.RunCommand)
	if !ok || len(run.CmdLine) == 0 {
		return nil
	}
	if !run.PrependShell {
		c := shell.Command{Words: run.CmdLine, Env: s.Env}
		if script, ok := c.Script(); ok {
			return append([]shell.Command{c}, shell.Commands(s.Budget(), script, s.Env, 1)...)
		}
		return []shell.Command{c}
	}
	script := strings.Join(run.CmdLine, " ")
	if rest, ok := strings.CutPrefix(script, "<<"); ok {
		_, program, _ := strings.Cut(rest, " ")
		if len(run.Files) == 0 || !shell.IsShellScript(program, run.Files[0].Data) {
			return nil
		}
		return shell.Commands(s.Budget(), run.Files[0].Data, s.Env, 0)
	}
	var whole strings.Builder
	whole.WriteString(script)
	for _, f := range run.Files {
		whole.WriteString("\n" + f.Data + f.Name + "\n")
	}
	script = whole.String()
	return shell.Commands(s.Budget(), script, s.Env, 0)
}
