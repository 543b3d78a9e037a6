package contract

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// home is S1. It also speaks for a repository whose Dockerfile cannot be read, so that one rule fails on it.
func home(r *repo) Verdict {
	switch {
	case r.other != "":
		return unknown(r.other)
	case r.broken != nil:
		return judge([]Finding{*r.broken}, "")
	}
	return onDockerfile(livesInApp)(r)
}

func livesInApp(r *repo) Verdict {
	last := r.docker.final()
	elsewhere, filled := false, false
	for s := range last.steps() {
		c, ok := s.copying()
		if !ok || onlyVersion(c) {
			continue
		}
		filled = filled || within(c.dest(), "/app") || c.dest() == "/"
		elsewhere = elsewhere || last.dir != "/" && within(c.dest(), last.dir)
	}
	l := launched(last)
	starts := slices.ContainsFunc(l.words(), func(w string) bool { return within(w, "/app") })
	switch {
	case filled && (starts || within(last.dir, "/app")):
		return Verdict{Status: Pass}
	case strings.Contains(last.dir, "$"):
		return unknown("WORKDIR is a variable, or the base image's, that only the build knows")
	case r.runsFill(last, "/app"):
		return unknown("a RUN may put the application into /app")
	case !within(last.dir, "/app") && (elsewhere || !filled):
		return judge([]Finding{at(last.line, "the last stage works in %s", last.dir)}, "")
	case !filled:
		return judge([]Finding{at(last.line, "nothing is copied into /app")}, "")
	}
	return Verdict{Status: Pass}
}

// onlyVersion tells whether nothing is copied but version.json.
func onlyVersion(c copying) bool {
	return len(c.SourcePaths) == 1 && path.Base(c.SourcePaths[0]) == "version.json"
}

// fillers are programs that put files into place.
var fillers = []string{"cp", "mv", "git", "tar", "unzip", "install", "rsync", "ln", "curl", "wget", "bsdtar"}

// runsFill tells whether a RUN may put files into a folder.
func (r *repo) runsFill(s *stage, folder string) bool {
	for st := range s.steps() {
		for _, c := range runs(st) {
			fills := slices.Contains(fillers, path.Base(c.words[0])) && (within(st.dir, folder) ||
				slices.ContainsFunc(c.words[1:], func(w string) bool { return within(under(st.dir, w), folder) }))
			if _, hidden := r.script(s, st, c); fills || hidden {
				return true
			}
		}
	}
	return false
}

// within tells whether a path is the folder or lies in it.
func within(name, folder string) bool {
	return name == folder || strings.HasPrefix(name, strings.TrimSuffix(folder, "/")+"/")
}

// runsAs is S3.
func runsAs(r *repo) Verdict {
	last := r.docker.final()
	name, group, _ := strings.Cut(last.user, ":")
	if strings.Contains(last.user, "$") {
		return unknown("USER has a variable that only the build knows")
	}
	if name == "" && !plainImage(last.root()) {
		return unknown("no USER here, and " + last.root() + " may have set one")
	}
	if name == "" || name == "root" || name == "0" {
		if program := r.changesUser(last); program != "" {
			return unknown(program + " changes the user as the container starts")
		}
	}
	switch {
	case name == "":
		return judge([]Finding{at(last.line, "no USER: the container runs as root")}, "")
	case name != "app" && name != id || group != "" && group != "app" && group != id:
		line := last.line
		for s := range last.steps() {
			if u, ok := s.Command.(*instructions.UserCommand); ok && u.User == last.user {
				line = s.line
			}
		}
		return judge([]Finding{at(line, "the container runs as %s", last.user)}, "")
	}
	return Verdict{Status: Pass}
}

// changers run a program as another user.
var changers = []string{"gosu", "su-exec", "setpriv", "runuser", "su", "chroot", "s6-setuidgid", "capsh"}

// changesUser names the program with which the container itself changes its user, if it does.
func (r *repo) changesUser(last *stage) string {
	is := func(w string) bool { return slices.Contains(changers, path.Base(w)) }
	if i := slices.IndexFunc(launched(last).words(), is); i >= 0 {
		return launched(last).words()[i]
	}
	for _, c := range r.entry(last).commands {
		if i := slices.IndexFunc(c.words, is); i >= 0 {
			return c.words[i]
		}
	}
	return ""
}

// setting gives the value of an environment variable in the image and the line that sets it, or else the stage's.
func setting(s *stage, name string) (value string, line int) {
	line = s.line
	for st := range s.steps() {
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
