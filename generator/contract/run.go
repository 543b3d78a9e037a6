package contract

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// runs gives the commands of a RUN, with the variables that are known. It counts what a rule takes to look at them.
func runs(s step) []command {
	if !s.memo.done {
		all := readRun(s)
		s.memo.commands, s.memo.cost, s.memo.done = all, costOf(all), true
	}
	s.budget().Steps(s.memo.cost)
	return s.memo.commands
}

func readRun(s step) []command {
	run, ok := s.Command.(*instructions.RunCommand)
	if !ok || len(run.CmdLine) == 0 {
		return nil
	}
	if !run.PrependShell {
		c := command{words: run.CmdLine, env: s.env}
		if script, ok := c.script(); ok {
			return append([]command{c}, commandsWith(s.budget(), script, s.env, 1)...)
		}
		return []command{c}
	}
	script := strings.Join(run.CmdLine, " ")
	if rest, ok := strings.CutPrefix(script, "<<"); ok {
		_, program, _ := strings.Cut(rest, " ")
		if len(run.Files) == 0 || !isShellScript(program, run.Files[0].Data) {
			return nil
		}
		return commandsWith(s.budget(), run.Files[0].Data, s.env, 0)
	}
	var whole strings.Builder
	whole.WriteString(script)
	for _, f := range run.Files {
		whole.WriteString("\n" + f.Data + f.Name + "\n")
	}
	script = whole.String()
	return commandsWith(s.budget(), script, s.env, 0)
}

// isShellScript tells it by the program that gets the script, or by its first line.
func isShellScript(program, script string) bool {
	if fields := strings.Fields(program); len(fields) > 0 {
		return slices.Contains(shells, path.Base(fields[0]))
	}
	line, _, _ := strings.Cut(script, "\n")
	words, ok := strings.CutPrefix(line, "#!")
	if !ok {
		return true
	}
	return slices.ContainsFunc(strings.Fields(words), func(w string) bool { return slices.Contains(shells, path.Base(w)) })
}
