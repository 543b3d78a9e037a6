package spec

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// id is the number of both the user and the group.
const id = "10001"

// account is what a Dockerfile shows of the user app or of the group.
type account struct {
	line     int
	uid, gid string // "" where the step does not say
}

// Lines of /etc/passwd and /etc/group for app.
var (
	passwdLine = lazy(`(?:^|[^\w-])app:[^:\s]*:(\d+):(\d+):[^:\n]*:[^:\n]*:`)
	groupLine  = lazy(`(?:^|[^\w-])app:[^:\s]*:(\d+):(?:[^:\d]|$)`)
)

// appUser is S2.
func appUser(r *repo) Verdict {
	last := r.docker.final()
	steps := r.docker.accountSteps(last, map[*stage]bool{})
	var user, group *account
	opaque := ""
	for _, s := range steps {
		u, g := r.accounts(s)
		if u != nil {
			user = u
		}
		if g != nil {
			group = g
		}
		if why := hidesAccounts(s); why != "" {
			opaque = why
		}
	}
	if opaque == "" && user == nil && !official(last.root()) && last.root() != "scratch" {
		opaque = last.root() + " may have the user app"
	}
	return judgeAccounts(last, user, group, opaque)
}

func judgeAccounts(last *stage, user, group *account, opaque string) Verdict {
	if user == nil && opaque != "" {
		return unknown(opaque)
	}
	if user == nil {
		return judge([]Finding{at(last.line, "nothing makes the user app")}, "")
	}
	if strings.Contains(user.uid+user.gid, "$") {
		return unknown("the number of user app is a variable that only the build knows")
	}
	var found []Finding
	if user.uid != id {
		found = append(found, at(user.line, "user app has uid %s", orNone(user.uid)))
	}
	if group != nil && group.gid != id && !strings.Contains(group.gid, "$") {
		found = append(found, at(group.line, "group app has gid %s", orNone(group.gid)))
	}
	if user.gid != id && user.gid != "app" && user.gid != "" {
		found = append(found, at(user.line, "user app is in group %s", user.gid))
	}
	if group == nil && user.gid != "" { // without -g, useradd makes the group, with the user's number
		if opaque != "" {
			return judge(found, opaque)
		}
		found = append(found, at(user.line, "nothing makes the group app"))
	}
	return judge(found, "")
}

func orNone(number string) string {
	if number == "" {
		return "that is left to chance"
	}
	return number
}

// accountSteps are those of a stage, and of the stages that it copies /etc/passwd from.
func (d *dockerfile) accountSteps(s *stage, seen map[*stage]bool) []step {
	if seen[s] {
		return nil
	}
	seen[s] = true
	var all []step
	for _, st := range s.steps() {
		if c, ok := st.copying(); ok && c.from != "" && within("/etc/passwd", c.dest()) {
			if from := d.stage(c.from); from != nil && from.line < s.line {
				all = append(all, d.accountSteps(from, seen)...)
			}
		}
		all = append(all, st)
	}
	return all
}

// accounts finds what a step says of the user app and the group app.
func (r *repo) accounts(s step) (user, group *account) {
	for _, text := range r.texts(s) {
		text = strings.ReplaceAll(text, `\n`, "\n")
		if m := passwdLine().FindStringSubmatch(text); m != nil {
			user = &account{s.line, m[1], m[2]}
		}
		if m := groupLine().FindStringSubmatch(text); m != nil {
			group = &account{s.line, "", m[1]}
		}
	}
	for _, c := range runs(s) {
		if len(c.words) < 2 || c.words[1] != "app" && c.words[len(c.words)-1] != "app" {
			continue
		}
		switch path.Base(c.words[0]) {
		case "groupadd", "addgroup":
			gid, _ := c.option("-g", "--gid")
			group = &account{s.line, "", gid}
		case "useradd":
			user = &account{line: s.line}
			user.uid, _ = c.option("-u", "--uid")
			user.gid, _ = c.option("-g", "--gid")
			if user.gid == "" && c.has("-N", "--no-user-group") {
				user.gid = "users"
			}
		case "adduser": // Debian's and busybox's
			user = &account{line: s.line}
			user.uid, _ = c.option("-u", "--uid")
			user.gid, _ = c.option("-G", "--ingroup", "--gid")
		}
	}
	return user, group
}

// hidesAccounts says why the user may come from a step that cannot be read.
func hidesAccounts(s step) string {
	for _, c := range runs(s) {
		if slices.Contains([]string{"usermod", "groupmod"}, path.Base(c.words[0])) {
			return c.words[0] + " may make the user app"
		}
		if strings.HasSuffix(c.words[0], ".sh") {
			return c.words[0] + " may make the user app"
		}
	}
	return ""
}

// texts are what a step writes in as many words: here documents and files of the repository that become /etc/passwd.
func (r *repo) texts(s step) []string {
	var all []string
	if run, ok := s.Command.(*instructions.RunCommand); ok {
		all = append(all, strings.Join(run.CmdLine, " "))
		for _, f := range run.Files {
			all = append(all, f.Data)
		}
	}
	c, ok := s.copying()
	if !ok || !within(c.dest(), "/etc") {
		return all
	}
	for _, content := range c.SourceContents {
		all = append(all, content.Data)
	}
	for _, source := range c.SourcePaths {
		if data, err := r.read(strings.Trim(path.Clean(source), "/")); err == nil && c.from == "" {
			all = append(all, string(data))
		}
	}
	return all
}
