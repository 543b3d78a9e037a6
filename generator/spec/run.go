package spec

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// runs gives the commands of a RUN, with the variables that are known.
func runs(s step) []command {
	if s.memo != nil && s.memo.done {
		return s.memo.commands
	}
	all := readRun(s)
	if s.memo != nil {
		s.memo.commands, s.memo.done = all, true
	}
	return all
}

func readRun(s step) []command {
	run, ok := s.Command.(*instructions.RunCommand)
	if !ok || len(run.CmdLine) == 0 {
		return nil
	}
	if !run.PrependShell {
		c := command{words: run.CmdLine, env: s.env}
		if script, ok := c.script(); ok {
			return append([]command{c}, commandsWith(script, s.env, 1)...)
		}
		return []command{c}
	}
	script := strings.Join(run.CmdLine, " ")
	if rest, ok := strings.CutPrefix(script, "<<"); ok {
		_, program, _ := strings.Cut(rest, " ")
		if len(run.Files) == 0 || !isShellScript(program, run.Files[0].Data) {
			return nil
		}
		return commandsWith(run.Files[0].Data, s.env, 0)
	}
	for _, f := range run.Files {
		script += "\n" + f.Data + f.Name + "\n"
	}
	return commandsWith(script, s.env, 0)
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
