package contract

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"dockerflow/generator/budget"
	"dockerflow/generator/contract/dockerfile"
	"dockerflow/generator/contract/shell"
	"dockerflow/generator/lazyregexp"
)

var s08 = Rule{
	ID:     "S8",
	Level:  Should,
	Says:   "The app user can only read its files: it owns nothing under /app and cannot write there.",
	Source: "current specification, Guidelines for Building a Container",
	URL:    building,
	Needs:  aDockerfile,
	Fix:    "Copy and install as root, without --chown, and set USER app last.",
	repo:   onDockerfile(readOnly),
	image:  (*Observed).readOnly,
}

// writableMode matches a chmod mode that lets other users write.
var writableMode = lazyregexp.New(`^(?:0?[0-7]?[0-7][0-7][2367]|[ugoa,+rwxX=]*[oa][ugo]*[+=][rxXst]*w.*)$`)

// readOnly is S8.
func readOnly(r *repo) Verdict {
	last := r.docker.Final()
	g := gifts{budget: r.budget, known: map[fileOf]bool{}}
	g.follow(last, "/app")
	for s := range last.Steps() {
		c, ok := s.Copying()
		if !ok || !dockerfile.Within(c.Dest(), "/app") && c.Dest() != "/" {
			continue
		}
		if from := r.docker.Stage(c.From); from != nil && c.Chown == "" && from.Line < last.Line {
			for _, source := range c.SourcePaths { // docker build keeps the owner of what it copies from a stage
				r.budget.Steps(3 + len(source)/budget.BytesOfRunes)
				g.follow(from, path.Clean("/"+source))
			}
		}
	}
	return judge(unique(g.found), "")
}

// gifts collects the steps that let the app user own or write files in folders.
type gifts struct {
	budget *budget.Budget
	known  map[fileOf]bool // by stage and folder, whether something fills it
	found  []Finding
}

// follow finds the steps of a stage, and of those that it is based on, that give a folder away. It reports whether the
// folder is filled at the end: a user who is made later does not own it.
func (g *gifts) follow(s *dockerfile.Stage, folder string) (filled bool) {
	if filled, ok := g.known[fileOf{s, folder}]; ok {
		return filled
	}
	if s.Parent != nil {
		filled = g.follow(s.Parent, folder)
	}
	g.budget.Steps(1 + len(s.Own))
	for _, st := range s.Own {
		filled = g.step(st, folder, filled)
	}
	g.budget.Bytes(budget.BytesOfWord)
	g.known[fileOf{s, folder}] = filled
	return filled
}

// step looks at one step, and reports whether the folder is filled after it.
func (g *gifts) step(s dockerfile.Step, folder string, filled bool) bool {
	if c, ok := s.Copying(); ok && overlap(c.Dest(), folder) {
		filled = true
		s.Budget().Steps(len(c.Chmod) + len(c.Chown)/budget.BytesOfStep)
		if isApp(c.Chown) {
			g.found = append(g.found, at(s.Line, "--chown=%s makes the app user the owner of %s", c.Chown, c.Dest()))
		}
		if writableMode().MatchString(c.Chmod) {
			g.found = append(g.found, at(s.Line, "--chmod=%s lets the app user write %s", c.Chmod, c.Dest()))
		}
	}
	if w, ok := s.Command.(*instructions.WorkdirCommand); ok && dockerfile.Within(dockerfile.Under(s.Dir, w.Path), folder) {
		if !filled && isApp(s.User) {
			g.found = append(g.found, at(s.Line, "WORKDIR after USER %s makes the app user the owner of %s", s.User, folder))
		}
		filled = true
	}
	for _, c := range dockerfile.Runs(s) {
		if why := givesAway(c, s, folder, filled); why != "" {
			g.found = append(g.found, at(s.Line, "%s", why))
		}
		filled = filled || slices.ContainsFunc(c.Words[1:], func(w string) bool { return strings.HasPrefix(w, "/") && dockerfile.Within(path.Clean(w), folder) })
	}
	return filled
}

// givesAway describes how a command lets the app user own or write a folder.
func givesAway(c shell.Command, s dockerfile.Step, folder string, filled bool) string {
	targets := slices.ContainsFunc(c.Words[1:], func(w string) bool {
		return !strings.HasPrefix(w, "-") && overlap(dockerfile.Under(s.Dir, w), folder)
	})
	program := path.Base(c.Words[0])
	said := func() string { return strings.Join(c.Words, " ") }
	switch program {
	case "chown":
		if targets && slices.ContainsFunc(c.Words[1:], isApp) {
			return said() + " makes the app user the owner"
		}
	case "chmod":
		if targets && slices.ContainsFunc(c.Words[1:], writableMode().MatchString) {
			return said() + " lets the app user write"
		}
	case "install":
		if owner, _ := c.Option("-o", "--owner"); isApp(owner) && targets {
			return said() + " makes the app user the owner"
		}
	case "useradd", "adduser":
		home, _ := c.Option("-d", "-h", "--home-dir", "--home")
		makes := program == "useradd" && c.Has("-m", "--create-home") ||
			program == "adduser" && !c.Has("-H", "--no-create-home", "-DH", "-HD", "-SDH", "-SH")
		if makes && !filled && home == folder {
			return said() + " makes the app user the owner of " + folder
		}
	}
	if isApp(s.User) && installer(c) != "" && dockerfile.Within(s.Dir, folder) {
		return c.Words[0] + " runs as the app user, which then owns the files that it writes"
	}
	return ""
}

// isApp reports whether an owner, such as app:app, is the app user or its group.
func isApp(owner string) bool {
	user, group, _ := strings.Cut(strings.Trim(owner, ":"), ":")
	return user == "app" || user == id || group == "app" || group == id
}

// overlap reports whether one of two paths contains the other.
func overlap(a, b string) bool { return dockerfile.Within(a, b) || dockerfile.Within(b, a) }

// readOnly is what files show of S8.
func (i *Image) readOnly() Verdict {
	uid, gid := []int{appID}, []int{appID}
	users, _ := i.lines("passwd")
	groups, _ := i.lines("group")
	if user := findAccount(users, "app"); user != nil {
		uid, gid = append(uid, user.uid), append(gid, user.gid)
	}
	if group := findAccount(groups, "app"); group != nil {
		gid = append(gid, group.gid)
	}
	var r Faults
	for _, name := range append([]string{"app"}, i.under("app")...) {
		f := i.Files[name]
		switch {
		case f == nil || !f.Mode.IsRegular() && !f.Dir():
		case slices.Contains(uid, f.UID):
			r.Add("the app user owns /%s", name)
		case f.Mode&0o002 != 0:
			r.Add("anyone can write to /%s", name)
		case f.Mode&0o020 != 0 && slices.Contains(gid, f.GID):
			r.Add("the app user's group can write to /%s", name)
		}
	}
	return r.judge(i.Unclear())
}

// readOnly is what files and the way in which a container starts show of S8.
func (o *Observed) readOnly() Verdict {
	const (
		files = "the app user cannot write to files in /app, but "
		seen  = files + "whether the service works with a read-only root is unknown: "
	)
	v := o.Image.readOnly()
	start := o.Start
	switch {
	case o.NotStarted == "" && start.Hardening == WritableRoot && !start.Engine:
		if v.Status != Fail {
			v = Verdict{Status: Fail}
		}
		v.Findings = append(v.Findings, Finding{Text: "it does not start with a read-only root and a tmpfs on /tmp: " + start.Why})
	case v.Status != Pass:
	case o.NotStarted != "":
		return unknown(seen + "it does not start")
	case start.Engine && start.Hardening >= WritableRoot:
		return unknown(files + "the engine cannot run a container with a read-only root: " + start.Why)
	case start.Hardening == Unhardened:
		return unknown(seen + "see L11")
	}
	return v
}
