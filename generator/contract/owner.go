package contract

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
	g := gifts{known: map[fileOf]bool{}}
	g.follow(last, "/app")
	for s := range last.steps() {
		c, ok := s.copying()
		if !ok || !within(c.dest(), "/app") && c.dest() != "/" {
			continue
		}
		if from := r.docker.stage(c.from); from != nil && c.chown == "" && from.line < last.line {
			for _, source := range c.SourcePaths { // docker build keeps the owner of what it copies from a stage
				r.budget.Steps(3 + len(source)/bytesOfRunes)
				g.follow(from, path.Clean("/"+source))
			}
		}
	}
	return judge(unique(g.found), "")
}

// gifts are the steps that let the app user own or write what lies in folders.
type gifts struct {
	known map[fileOf]bool // by stage and folder, whether something fills it
	found []Finding
}

// follow finds the steps of a stage, and of those that it stands on, that give a folder away. It reports whether the folder
// is filled at the end: a user who is made later does not own it.
func (g *gifts) follow(s *stage, folder string) (filled bool) {
	if filled, ok := g.known[fileOf{s, folder}]; ok {
		return filled
	}
	if s.parent != nil {
		filled = g.follow(s.parent, folder)
	}
	s.file.budget.Steps(1 + len(s.own))
	for _, st := range s.own {
		filled = g.step(st, folder, filled)
	}
	s.file.budget.Bytes(bytesOfWord)
	g.known[fileOf{s, folder}] = filled
	return filled
}

// step looks at one step, and reports whether the folder is filled after it.
func (g *gifts) step(s step, folder string, filled bool) bool {
	if c, ok := s.copying(); ok && overlap(c.dest(), folder) {
		filled = true
		s.budget().Steps(len(c.chmod) + len(c.chown)/bytesOfStep)
		if isApp(c.chown) {
			g.found = append(g.found, at(s.line, "--chown=%s gives %s to the app user", c.chown, c.dest()))
		}
		if writableMode().MatchString(c.chmod) {
			g.found = append(g.found, at(s.line, "--chmod=%s lets the app user write %s", c.chmod, c.dest()))
		}
	}
	if w, ok := s.Command.(*instructions.WorkdirCommand); ok && within(under(s.dir, w.Path), folder) {
		if !filled && isApp(s.user) {
			g.found = append(g.found, at(s.line, "WORKDIR after USER %s makes %s the app user's", s.user, folder))
		}
		filled = true
	}
	for _, c := range runs(s) {
		if why := givesAway(c, s, folder, filled); why != "" {
			g.found = append(g.found, at(s.line, "%s", why))
		}
		filled = filled || slices.ContainsFunc(c.words[1:], func(w string) bool { return strings.HasPrefix(w, "/") && within(path.Clean(w), folder) })
	}
	return filled
}

// givesAway says how a command lets the app user own or write a folder.
func givesAway(c command, s step, folder string, filled bool) string {
	targets := slices.ContainsFunc(c.words[1:], func(w string) bool {
		return !strings.HasPrefix(w, "-") && overlap(under(s.dir, w), folder)
	})
	program := path.Base(c.words[0])
	said := func() string { return strings.Join(c.words, " ") }
	switch program {
	case "chown":
		if targets && slices.ContainsFunc(c.words[1:], isApp) {
			return said() + " gives it to the app user"
		}
	case "chmod":
		if targets && slices.ContainsFunc(c.words[1:], writableMode().MatchString) {
			return said() + " lets the app user write"
		}
	case "install":
		if owner, _ := c.option("-o", "--owner"); isApp(owner) && targets {
			return said() + " gives it to the app user"
		}
	case "useradd", "adduser":
		home, _ := c.option("-d", "-h", "--home-dir", "--home")
		makes := program == "useradd" && c.has("-m", "--create-home") ||
			program == "adduser" && !c.has("-H", "--no-create-home", "-DH", "-HD", "-SDH", "-SH")
		if makes && !filled && home == folder {
			return said() + " makes " + folder + " the app user's"
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
