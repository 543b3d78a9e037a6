package contract

import (
	"path"
	"slices"
	"strings"

	"dockerflow/generator/contract/dockerfile"

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
	last := r.docker.Final()
	elsewhere, filled := false, false
	for s := range last.Steps() {
		c, ok := s.Copying()
		if !ok || onlyVersion(c) {
			continue
		}
		filled = filled || dockerfile.Within(c.Dest(), "/app") || c.Dest() == "/"
		elsewhere = elsewhere || last.Dir != "/" && dockerfile.Within(c.Dest(), last.Dir)
	}
	l := dockerfile.Launched(last)
	starts := slices.ContainsFunc(l.Words(), func(w string) bool { return dockerfile.Within(w, "/app") })
	switch {
	case filled && (starts || dockerfile.Within(last.Dir, "/app")):
		return Verdict{Status: Pass}
	case strings.Contains(last.Dir, "$"):
		return unknown("WORKDIR is a variable, or the base image's, that only the build knows")
	case r.runsFill(last, "/app"):
		return unknown("a RUN may put the application into /app")
	case !dockerfile.Within(last.Dir, "/app") && (elsewhere || !filled):
		return judge([]Finding{at(last.Line, "the last stage works in %s", last.Dir)}, "")
	case !filled:
		return judge([]Finding{at(last.Line, "nothing is copied into /app")}, "")
	}
	return Verdict{Status: Pass}
}

// onlyVersion tells whether nothing is copied but version.json.
func onlyVersion(c dockerfile.Copying) bool {
	return len(c.SourcePaths) == 1 && path.Base(c.SourcePaths[0]) == "version.json"
}

// fillers are programs that put files into place.
var fillers = []string{"cp", "mv", "git", "tar", "unzip", "install", "rsync", "ln", "curl", "wget", "bsdtar"}

// runsFill tells whether a RUN may put files into a folder.
func (r *repo) runsFill(s *dockerfile.Stage, folder string) bool {
	for st := range s.Steps() {
		for _, c := range dockerfile.Runs(st) {
			fills := slices.Contains(fillers, path.Base(c.Words[0])) && (dockerfile.Within(st.Dir, folder) ||
				slices.ContainsFunc(c.Words[1:], func(w string) bool { return dockerfile.Within(dockerfile.Under(st.Dir, w), folder) }))
			if _, hidden := r.script(s, st, c); fills || hidden {
				return true
			}
		}
	}
	return false
}

// runsAs is S3.
func runsAs(r *repo) Verdict {
	last := r.docker.Final()
	name, group, _ := strings.Cut(last.User, ":")
	if strings.Contains(last.User, "$") {
		return unknown("USER has a variable that only the build knows")
	}
	if name == "" && !dockerfile.PlainImage(last.Root()) {
		return unknown("no USER here, and " + last.Root() + " may have set one")
	}
	if name == "" || name == "root" || name == "0" {
		if program := r.changesUser(last); program != "" {
			return unknown(program + " changes the user as the container starts")
		}
	}
	switch {
	case name == "":
		return judge([]Finding{at(last.Line, "no USER: the container runs as root")}, "")
	case name != "app" && name != id || group != "" && group != "app" && group != id:
		line := last.Line
		for s := range last.Steps() {
			if u, ok := s.Command.(*instructions.UserCommand); ok && u.User == last.User {
				line = s.Line
			}
		}
		return judge([]Finding{at(line, "the container runs as %s", last.User)}, "")
	}
	return Verdict{Status: Pass}
}

// changers run a program as another user.
var changers = []string{"gosu", "su-exec", "setpriv", "runuser", "su", "chroot", "s6-setuidgid", "capsh"}

// changesUser names the program with which the container itself changes its user, if it does.
func (r *repo) changesUser(last *dockerfile.Stage) string {
	is := func(w string) bool { return slices.Contains(changers, path.Base(w)) }
	if i := slices.IndexFunc(dockerfile.Launched(last).Words(), is); i >= 0 {
		return dockerfile.Launched(last).Words()[i]
	}
	for _, c := range r.entry(last).commands {
		if i := slices.IndexFunc(c.Words, is); i >= 0 {
			return c.Words[i]
		}
	}
	return ""
}
