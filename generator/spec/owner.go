package spec

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// writableMode matches a chmod that lets others write.
var writableMode = lazy(`^(?:0?[0-7]?[0-7][0-7][2367]|[ugoa,+rwxX=]*[oa][ugo]*[+=][rxXst]*w.*)$`)

// readOnly is S8.
func readOnly(r *repo) Verdict {
	last := r.docker.final()
	found := givenAway(last.steps(), "/app")
	for _, s := range last.steps() {
		c, ok := s.copying()
		if !ok || !within(c.dest(), "/app") && c.dest() != "/" {
			continue
		}
		if from := r.docker.stage(c.from); from != nil && c.chown == "" && from.line < last.line {
			for _, source := range c.SourcePaths { // docker build keeps the owner of what it copies from a stage
				found = append(found, givenAway(from.steps(), path.Clean("/"+source))...)
			}
		}
	}
	return judge(unique(found), "")
}

// givenAway finds steps that let the app user own or write what lies in a folder.
func givenAway(steps []step, folder string) []Finding {
	var found []Finding
	filled := false
	for _, s := range steps {
		if c, ok := s.copying(); ok && overlap(c.dest(), folder) {
			filled = true
			if isApp(c.chown) {
				found = append(found, at(s.line, "--chown=%s gives %s to the app user", c.chown, c.dest()))
			}
			if writableMode().MatchString(c.chmod) {
				found = append(found, at(s.line, "--chmod=%s lets the app user write %s", c.chmod, c.dest()))
			}
		}
		if w, ok := s.Command.(*instructions.WorkdirCommand); ok && within(under(s.dir, w.Path), folder) {
			if !filled && isApp(s.user) {
				found = append(found, at(s.line, "WORKDIR after USER %s makes %s the app user's", s.user, folder))
			}
			filled = true
		}
		for _, c := range runs(s) {
			if why := givesAway(c, s, folder, filled); why != "" {
				found = append(found, at(s.line, "%s", why))
			}
			filled = filled || slices.ContainsFunc(c.words[1:], func(w string) bool { return strings.HasPrefix(w, "/") && within(path.Clean(w), folder) })
		}
	}
	return found
}

// givesAway says how a command lets the app user own or write a folder.
func givesAway(c command, s step, folder string, filled bool) string {
	targets := slices.ContainsFunc(c.words[1:], func(w string) bool {
		return !strings.HasPrefix(w, "-") && overlap(under(s.dir, w), folder)
	})
	program := path.Base(c.words[0])
	said := strings.Join(c.words, " ")
	switch program {
	case "chown":
		if targets && slices.ContainsFunc(c.words[1:], isApp) {
			return said + " gives it to the app user"
		}
	case "chmod":
		if targets && slices.ContainsFunc(c.words[1:], writableMode().MatchString) {
			return said + " lets the app user write"
		}
	case "install":
		if owner, _ := c.option("-o", "--owner"); isApp(owner) && targets {
			return said + " gives it to the app user"
		}
	case "useradd", "adduser":
		home, _ := c.option("-d", "-h", "--home-dir", "--home")
		makes := program == "useradd" && c.has("-m", "--create-home") ||
			program == "adduser" && !c.has("-H", "--no-create-home", "-DH", "-HD", "-SDH", "-SH")
		if makes && !filled && home == folder {
			return said + " makes " + folder + " the app user's"
		}
	}
	if isApp(s.user) && installer(c) != "" && within(s.dir, folder) {
		return c.words[0] + " runs as the app user, who then owns what it writes"
	}
	return ""
}

// isApp tells whether an owner, such as app:app, is the app user or its group.
func isApp(owner string) bool {
	user, group, _ := strings.Cut(strings.Trim(owner, ":"), ":")
	return user == "app" || user == id || group == "app" || group == id
}

// overlap tells whether one of two paths lies in the other.
func overlap(a, b string) bool { return within(a, b) || within(b, a) }
