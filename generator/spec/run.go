package spec

import (
	"os"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// runs gives the commands of a RUN, with the variables that are known.
func runs(s step) []command {
	run, ok := s.Command.(*instructions.RunCommand)
	if !ok || len(run.CmdLine) == 0 {
		return nil
	}
	if !run.PrependShell {
		return []command{{words: run.CmdLine}}
	}
	script := strings.Join(run.CmdLine, " ")
	if strings.HasPrefix(script, "<<") {
		script = ""
	}
	for _, f := range run.Files {
		script += "\n" + f.Data
	}
	all := commands(script)
	for _, c := range all {
		for i, w := range c.words {
			c.words[i] = os.Expand(w, func(name string) string {
				if v, ok := s.env[name]; ok {
					return v
				}
				return "$" + name
			})
		}
	}
	return all
}
