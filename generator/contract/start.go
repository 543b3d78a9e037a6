package contract

import (
	"path"
	"slices"
	"strings"

	"dockerflow/generator/contract/dockerfile"
	"dockerflow/generator/contract/shell"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// starts is S4.
func starts(r *repo) Verdict {
	last := r.docker.Final()
	l := dockerfile.Launched(last)
	var found []Finding
	inherited := ""
	for _, part := range []struct {
		name string
		cmd  *instructions.ShellDependantCmdLine
		line int
	}{{"ENTRYPOINT", l.Entrypoint, l.EntrypointLine}, {"CMD", l.Cmd, l.CmdLine}} {
		switch {
		case part.cmd == nil && !dockerfile.PlainImage(last.Root()) && !(part.name == "CMD" && l.Entrypoint != nil):
			inherited = "no " + part.name + " here, and " + last.Root() + " may have one"
		case part.cmd == nil || len(part.cmd.CmdLine) == 0:
			found = append(found, at(last.Line, "there is no %s", part.name))
		case part.cmd.PrependShell:
			found = append(found, at(part.line, "%s is in shell form: a shell gets the signals", part.name))
		}
	}
	if len(found) > 0 || inherited != "" {
		return judge(found, inherited)
	}
	words, init := dockerfile.Service(l.Words())
	if init || len(words) == 0 {
		return Verdict{Status: Pass}
	}
	if why := r.swallows(last, words); why != "" {
		return judge([]Finding{at(l.EntrypointLine, "%s: %s", strings.Join(l.Words(), " "), why)}, "")
	}
	return Verdict{Status: Pass}
}

// swallows says why a signal does not reach the service that a command starts.
func (r *repo) swallows(last *dockerfile.Stage, words []string) string {
	program := path.Base(words[0])
	switch {
	case slices.Contains([]string{"npm", "npx", "yarn", "pnpm"}, program):
		return program + " stands between the signals and the service"
	case slices.Contains(shell.Shells, program):
		i := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "-") && strings.HasSuffix(w, "c") })
		if i >= 0 && i+1 < len(words) {
			if keepsShell(shell.Commands(r.budget, words[i+1], shell.Variables{}, 0)) {
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
func keepsShell(all []shell.Command) bool {
	return !slices.ContainsFunc(all, func(c shell.Command) bool {
		return c.Exec || slices.Contains([]string{"trap", "source", ".", "eval"}, c.Words[0])
	})
}

// entry is the script that the container starts.
type entry struct {
	file     string // "" where no file is named
	line     int
	commands []shell.Command
	hidden   bool // it cannot be read
}

// entry reads the script that the container starts, if it starts one.
func (r *repo) entry(last *dockerfile.Stage) entry {
	if r.starts == nil {
		e := r.readEntry(last)
		r.starts = &e
	}
	r.budget.Steps(shell.CostOf(r.starts.commands))
	return *r.starts
}

func (r *repo) readEntry(last *dockerfile.Stage) entry {
	l := dockerfile.Launched(last)
	words, _ := dockerfile.Service(l.Words())
	e := entry{line: l.EntrypointLine}
	if e.line == 0 {
		e.line = l.CmdLine
	}
	if len(words) == 0 {
		return e
	}
	if e.file = shell.ScriptFile(shell.Command{Words: words}); e.file == "" {
		return e
	}
	found := r.content(last, dockerfile.Under(last.Dir, e.file))
	for _, folder := range []string{"/usr/local/bin", "/usr/bin", "/bin"} {
		if !found.ok && !strings.Contains(e.file, "/") {
			found = r.content(last, path.Join(folder, e.file))
		}
	}
	if e.hidden = !found.ok || !shell.IsShellScript("", found.text) || !looksLikeShell(e.file, found.text); e.hidden {
		return e
	}
	e.commands = shell.Commands(r.budget, found.text, last.Env, 0)
	return e
}

// looksLikeShell tells scripts of a shell from others without a first line that says what they are.
func looksLikeShell(file, text string) bool {
	ext := path.Ext(file)
	return strings.HasPrefix(text, "#!") || ext == ".sh" || ext == ""
}
