package contract

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"dockerflow/generator/contract/dockerfile"
)

var s03 = Rule{
	ID:     "S3",
	Level:  Must,
	Says:   "The container runs as user app.",
	Source: "current specification, Dockerfile requirements 5; the numbers: practice",
	URL:    image,
	Needs:  aDockerfile,
	Fix:    "Set USER app in the last stage.",
	repo:   onDockerfile(runsAs),
	image:  onFiles((*Image).runsAs),
}

// runsAs is S3.
func runsAs(r *repo) Verdict {
	last := r.docker.Final()
	name, group, _ := strings.Cut(last.User, ":")
	if strings.Contains(last.User, "$") {
		return unknown("USER comes from a build variable")
	}
	if name == "" && !dockerfile.PlainImage(last.Root()) {
		return unknown("no USER in the Dockerfile, and " + last.Root() + " may set one")
	}
	if name == "" || name == "root" || name == "0" {
		if program := r.changesUser(last); program != "" {
			return unknown(program + " changes the user when the container starts")
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

// changesUser returns the program with which the container itself changes its user, or "".
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

// runsAs is S3.
func (i *Image) runsAs() Verdict {
	name, group, _ := strings.Cut(i.Config.User, ":")
	number := strconv.Itoa(appID)
	var r Faults
	switch {
	case name == "":
		r.Add("no USER: the container runs as root")
	case name != "app" && name != number || group != "" && group != "app" && group != number:
		r.Add("the container runs as %s", i.Config.User)
	}
	return r.judge("")
}
