package contract

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// launch is what the container starts.
type launch struct {
	entrypoint, cmd         *instructions.ShellDependantCmdLine
	entrypointLine, cmdLine int
}

// launched follows the image's own rule that an ENTRYPOINT takes away an inherited CMD.
func launched(s *stage) launch {
	var l launch
	if s.parent != nil {
		l = launched(s.parent)
	}
	s.file.budget.Steps(len(s.own))
	own := false
	for _, st := range s.own {
		switch c := st.Command.(type) {
		case *instructions.EntrypointCommand:
			l.entrypoint, l.entrypointLine = &c.ShellDependantCmdLine, st.line
			if !own {
				l.cmd = nil
			}
		case *instructions.CmdCommand:
			l.cmd, l.cmdLine, own = &c.ShellDependantCmdLine, st.line, true
		}
	}
	return l
}

// words are the whole command line. What is in shell form is one word.
func (l launch) words() []string {
	var all []string
	for _, part := range []*instructions.ShellDependantCmdLine{l.entrypoint, l.cmd} {
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

// service gives the command line without what only starts it, and whether that is an init.
func service(words []string) (rest []string, init bool) {
	for len(words) > 0 {
		takes, ok := inits[path.Base(words[0])]
		if !ok {
			return words, init
		}
		init = init || !slices.Contains([]string{"env", "nice", "exec"}, path.Base(words[0]))
		words = words[1:]
		for len(words) > 0 {
			_, _, assigned := assignment(words[0])
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

// starts is S4.
func starts(r *repo) Verdict {
	last := r.docker.final()
	l := launched(last)
	var found []Finding
	inherited := ""
	for _, part := range []struct {
		name string
		cmd  *instructions.ShellDependantCmdLine
		line int
	}{{"ENTRYPOINT", l.entrypoint, l.entrypointLine}, {"CMD", l.cmd, l.cmdLine}} {
		switch {
		case part.cmd == nil && !plainImage(last.root()) && !(part.name == "CMD" && l.entrypoint != nil):
			inherited = "no " + part.name + " here, and " + last.root() + " may have one"
		case part.cmd == nil || len(part.cmd.CmdLine) == 0:
			found = append(found, at(last.line, "there is no %s", part.name))
		case part.cmd.PrependShell:
			found = append(found, at(part.line, "%s is in shell form: a shell gets the signals", part.name))
		}
	}
	if len(found) > 0 || inherited != "" {
		return judge(found, inherited)
	}
	words, init := service(l.words())
	if init || len(words) == 0 {
		return Verdict{Status: Pass}
	}
	if why := r.swallows(last, words); why != "" {
		return judge([]Finding{at(l.entrypointLine, "%s: %s", strings.Join(l.words(), " "), why)}, "")
	}
	return Verdict{Status: Pass}
}

// swallows says why a signal does not reach the service that a command starts.
func (r *repo) swallows(last *stage, words []string) string {
	program := path.Base(words[0])
	switch {
	case slices.Contains([]string{"npm", "npx", "yarn", "pnpm"}, program):
		return program + " stands between the signals and the service"
	case slices.Contains(shells, program):
		i := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "-") && strings.HasSuffix(w, "c") })
		if i >= 0 && i+1 < len(words) {
			if keepsShell(commandsWith(r.budget, words[i+1], variables{}, 0)) {
				return "a shell gets the signals"
			}
			return ""
		}
	}
	if e := r.entry(last); len(e.commands) > 0 && keepsShell(e.commands) {
		return path.Base(e.file) + " has no exec: a shell gets the signals"
	}
	return ""
}

// keepsShell tells whether a script's shell stays, and passes no signals on.
func keepsShell(all []command) bool {
	return !slices.ContainsFunc(all, func(c command) bool {
		return c.exec || slices.Contains([]string{"trap", "source", ".", "eval"}, c.words[0])
	})
}

// entry is the script that the container starts.
type entry struct {
	file     string // "" where no file is named
	line     int
	commands []command
	hidden   bool // it cannot be read
}

// entry reads the script that the container starts, if it starts one.
func (r *repo) entry(last *stage) entry {
	if r.starts == nil {
		e := r.readEntry(last)
		r.starts = &e
	}
	r.budget.Steps(costOf(r.starts.commands))
	return *r.starts
}

func (r *repo) readEntry(last *stage) entry {
	l := launched(last)
	words, _ := service(l.words())
	e := entry{line: l.entrypointLine}
	if e.line == 0 {
		e.line = l.cmdLine
	}
	if len(words) == 0 {
		return e
	}
	if e.file = scriptFile(command{words: words}); e.file == "" {
		return e
	}
	found := r.content(last, under(last.dir, e.file))
	for _, folder := range []string{"/usr/local/bin", "/usr/bin", "/bin"} {
		if !found.ok && !strings.Contains(e.file, "/") {
			found = r.content(last, path.Join(folder, e.file))
		}
	}
	if e.hidden = !found.ok || !isShellScript("", found.text) || !looksLikeShell(e.file, found.text); e.hidden {
		return e
	}
	e.commands = commandsWith(r.budget, found.text, last.env, 0)
	return e
}

// looksLikeShell tells scripts of a shell from others without a first line that says what they are.
func looksLikeShell(file, text string) bool {
	ext := path.Ext(file)
	return strings.HasPrefix(text, "#!") || ext == ".sh" || ext == ""
}
