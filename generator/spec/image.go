package spec

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// home is S1. It also speaks for a repository whose Dockerfile cannot be read, so that one rule fails on it.
func home(r *repo) Verdict {
	if r.broken != nil {
		return judge([]Finding{*r.broken}, "")
	}
	last := r.docker.final()
	if strings.Contains(last.dir, "$") {
		return unknown("WORKDIR has a variable that only the build knows")
	}
	if last.dir != "/app" {
		return judge([]Finding{at(last.line, "the last stage works in %s", last.dir)}, "")
	}
	fills := func(s step) bool {
		c, ok := s.copying()
		return ok && (within(c.dest(), "/app") || c.dest() == "/")
	}
	if !slices.ContainsFunc(last.steps(), fills) {
		return judge([]Finding{at(last.line, "nothing is copied into /app")}, "")
	}
	return Verdict{Status: Pass}
}

// within tells whether a path is the folder or lies in it.
func within(name, folder string) bool {
	return name == folder || strings.HasPrefix(name, strings.TrimSuffix(folder, "/")+"/")
}

// runsAs is S3.
func runsAs(r *repo) Verdict {
	last := r.docker.final()
	name, group, _ := strings.Cut(last.user, ":")
	switch {
	case strings.Contains(last.user, "$"):
		return unknown("USER has a variable that only the build knows")
	case name == "" && !official(last.root()) && last.root() != "scratch":
		return unknown("no USER here, and " + last.root() + " may have set one")
	case name == "":
		return judge([]Finding{at(last.line, "no USER: the container runs as root")}, "")
	case name != "app" && name != "10001" || group != "" && group != "app" && group != "10001":
		i := slices.IndexFunc(last.steps(), func(s step) bool {
			u, ok := s.Command.(*instructions.UserCommand)
			return ok && u.User == last.user
		})
		return judge([]Finding{at(last.steps()[i].line, "the container runs as %s", last.user)}, "")
	}
	return Verdict{Status: Pass}
}

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

// starts is S4.
func starts(r *repo) Verdict {
	last := r.docker.final()
	l := launched(last)
	var found []Finding
	for _, part := range []struct {
		name string
		cmd  *instructions.ShellDependantCmdLine
		line int
	}{{"ENTRYPOINT", l.entrypoint, l.entrypointLine}, {"CMD", l.cmd, l.cmdLine}} {
		switch {
		case part.cmd == nil || len(part.cmd.CmdLine) == 0:
			found = append(found, at(last.line, "there is no %s", part.name))
		case part.cmd.PrependShell:
			found = append(found, at(part.line, "%s is in shell form: a shell gets the signals", part.name))
		}
	}
	if len(found) > 0 {
		return judge(found, "")
	}
	words := slices.Concat(l.entrypoint.CmdLine, l.cmd.CmdLine)
	if why := swallows(words); why != "" {
		found = append(found, at(l.entrypointLine, "%s: %s", strings.Join(words, " "), why))
	}
	return judge(found, "")
}

// swallows says why a signal does not reach the service that a command starts.
func swallows(words []string) string {
	switch program := path.Base(words[0]); program {
	case "npm", "npx", "yarn", "pnpm":
		return program + " stands between the signals and the service"
	case "sh", "bash", "ash", "dash", "zsh":
		i := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "-") && strings.HasSuffix(w, "c") })
		if i >= 0 && i+1 < len(words) && !strings.Contains(words[i+1], "exec ") {
			return "a shell gets the signals"
		}
	}
	return ""
}

// supervisors run several processes in a container.
var supervisors = []string{"supervisord", "s6-svscan", "runsvdir", "monit", "pm2", "foreman", "circusd"}

// port is S10.
func port(r *repo) Verdict {
	last := r.docker.final()
	var found []Finding
	switch value, line := setting(last, "PORT"); value {
	case "8000":
	case "":
		found = append(found, at(line, "no ENV PORT=8000"))
	default:
		found = append(found, at(line, "PORT is %s by default", value))
	}
	exposes := func(s step) bool {
		c, ok := s.Command.(*instructions.ExposeCommand)
		return ok && slices.ContainsFunc(c.Ports, func(p string) bool {
			return slices.Contains([]string{"8000", "8000/tcp", "$PORT", "${PORT}"}, p)
		})
	}
	if !slices.ContainsFunc(last.steps(), exposes) {
		found = append(found, at(last.line, "no EXPOSE 8000"))
	}
	l := launched(last)
	for _, cmd := range []*instructions.ShellDependantCmdLine{l.entrypoint, l.cmd} {
		if cmd != nil && len(cmd.CmdLine) > 0 && slices.Contains(supervisors, path.Base(cmd.CmdLine[0])) {
			found = append(found, at(max(l.entrypointLine, l.cmdLine), "%s runs several processes", cmd.CmdLine[0]))
		}
	}
	return judge(found, "")
}

// setting gives the value of an environment variable in the image and the line that sets it, or else the stage's.
func setting(s *stage, name string) (value string, line int) {
	line = s.line
	for _, st := range s.steps() {
		env, ok := st.Command.(*instructions.EnvCommand)
		if !ok {
			continue
		}
		for _, kv := range env.Env {
			if kv.Key == name {
				value, line = kv.Value, st.line
			}
		}
	}
	return value, line
}
