package contract

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"dockerflow/generator/contract/dockerfile"
	"dockerflow/generator/contract/shell"
)

var s04 = Rule{
	ID:     "S4",
	Level:  Must,
	Says:   "ENTRYPOINT and CMD, both in exec form, start the service.",
	Source: "current specification, Dockerfile requirements 4; exec form: practice",
	URL:    image,
	Needs:  aDockerfile,
	Fix:    `Use exec form, such as ENTRYPOINT ["node"] and CMD ["server.js"], with no shell or npm in between, so that signals reach the service.`,
	repo:   onDockerfile(starts),
	image:  onFiles((*Image).starts),
}

// starts is S4.
func (i *Image) starts() Verdict {
	var r Faults
	for _, part := range []struct {
		name  string
		words []string
	}{{"ENTRYPOINT", i.Config.Entrypoint}, {"CMD", i.Config.Cmd}} {
		switch {
		case len(part.words) == 0:
			r.Add("there is no %s", part.name)
		case keptByShell(part.words):
			r.Add("%s runs a shell, which receives the signals: %s", part.name, OneLine(strings.Join(part.words, " ")))
		}
	}
	return r.judge("")
}

// keptByShell reports whether a shell-form command keeps a shell between the signals and the service.
func keptByShell(words []string) bool {
	if !slices.Contains([]string{"sh", "bash", "ash", "dash", "zsh", "ksh"}, path.Base(words[0])) {
		return false
	}
	n := slices.IndexFunc(words, func(w string) bool {
		return strings.HasPrefix(w, "-") && !strings.HasPrefix(w, "--") && strings.HasSuffix(w, "c")
	})
	return n > 0 && n+1 < len(words) && !slices.Contains(strings.FieldsFunc(words[n+1], func(c rune) bool {
		return strings.ContainsRune(" \t\n;&|({", c)
	}), "exec")
}

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
			inherited = "no " + part.name + " in the Dockerfile, and " + last.Root() + " may have one"
		case part.cmd == nil || len(part.cmd.CmdLine) == 0:
			found = append(found, at(last.Line, "there is no %s", part.name))
		case part.cmd.PrependShell:
			found = append(found, at(part.line, "%s is in shell form: a shell receives the signals", part.name))
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

// swallows returns why a signal does not reach the service that a command starts, or "".
func (r *repo) swallows(last *dockerfile.Stage, words []string) string {
	program := path.Base(words[0])
	switch {
	case slices.Contains([]string{"npm", "npx", "yarn", "pnpm"}, program):
		return program + " starts the service and may not forward signals to it"
	case slices.Contains(shell.Shells, program):
		i := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "-") && strings.HasSuffix(w, "c") })
		if i >= 0 && i+1 < len(words) {
			if keepsShell(shell.Commands(r.budget, words[i+1], shell.Variables{}, 0)) {
				return "a shell receives the signals"
			}
			return ""
		}
	}
	if e := r.entry(last); len(e.commands) > 0 && keepsShell(e.commands) {
		return path.Base(e.file) + " does not exec the service: a shell receives the signals"
	}
	return ""
}

// keepsShell reports whether a script's shell stays, and passes no signals on.
func keepsShell(all []shell.Command) bool {
	return !slices.ContainsFunc(all, func(c shell.Command) bool {
		return c.Exec || slices.Contains([]string{"trap", "source", ".", "eval"}, c.Words[0])
	})
}
