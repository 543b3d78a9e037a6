package dockerfile

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"dockerflow/generator/contract/shell"
)

// Launch is the command that the container starts.
type Launch struct {
	Entrypoint, Cmd         *instructions.ShellDependantCmdLine
	EntrypointLine, CmdLine int
}

// Launched follows the image's own rule that an ENTRYPOINT removes an inherited CMD.
func Launched(s *Stage) Launch {
	var l Launch
	if s.Parent != nil {
		l = Launched(s.Parent)
	}
	s.file.Budget.Steps(len(s.Own))
	own := false
	for _, st := range s.Own {
		switch c := st.Command.(type) {
		case *instructions.EntrypointCommand:
			l.Entrypoint, l.EntrypointLine = &c.ShellDependantCmdLine, st.Line
			if !own {
				l.Cmd = nil
			}
		case *instructions.CmdCommand:
			l.Cmd, l.CmdLine, own = &c.ShellDependantCmdLine, st.Line, true
		}
	}
	return l
}

// Words are the whole command line. What is in shell form is one word.
func (l Launch) Words() []string {
	var all []string
	for _, part := range []*instructions.ShellDependantCmdLine{l.Entrypoint, l.Cmd} {
		if part != nil {
			all = append(all, part.CmdLine...)
		}
	}
	return all
}

// inits are programs that run one other and pass signals on, with their options that take a value.
var inits = map[string][]string{
	"tini": {"-e", "-p"}, "tini-static": {"-e", "-p"}, "dumb-init": {"-r", "--rewrite"}, "docker-init": {"-e", "-p"},
	"catatonit": nil, "env": {"-u"}, "nice": {"-n"}, "exec": nil,
}

// Service returns the command line without what only starts it, and whether that is an init.
func Service(words []string) (rest []string, init bool) {
	for len(words) > 0 {
		takes, ok := inits[path.Base(words[0])]
		if !ok {
			return words, init
		}
		init = init || !slices.Contains([]string{"env", "nice", "exec"}, path.Base(words[0]))
		words = words[1:]
		for len(words) > 0 {
			_, _, assigned := shell.Assignment(words[0])
			if !strings.HasPrefix(words[0], "-") && !assigned {
				break
			}
			n := 1
			if slices.Contains(takes, words[0]) {
				n = min(2, len(words))
			}
			words = words[n:]
		}
	}
	return nil, init
}
