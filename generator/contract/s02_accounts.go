package contract

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"dockerflow/generator/budget"
	"dockerflow/generator/contract/dockerfile"
	"dockerflow/generator/contract/shell"
	"dockerflow/generator/lazyregexp"
)

var s02 = Rule{
	ID:     "S2",
	Level:  Must,
	Says:   "The group app has GID 10001; the user app has UID 10001 and belongs to that group.",
	Source: "2016 specification, Dockerfile Guidelines; current specification, Dockerfile requirements 2 and 3",
	URL:    image,
	Needs:  aDockerfile,
	Fix:    "RUN groupadd --gid 10001 app && useradd --uid 10001 --gid 10001 --no-create-home app",
	repo:   onDockerfile(appUser),
	image:  onFiles((*Image).accounts),
}

// id is the number of both the user and the group.
const id = "10001"

// Lines of /etc/passwd and /etc/group for app.
var (
	passwdLine = lazyregexp.New(`(?:^|[^\w-])app:[^:\s]*:(\d+):(\d+):[^:\n]*:[^:\n]*:`)
	groupLine  = lazyregexp.New(`(?:^|[^\w-])app:[^:\s]*:(\d+):(?:[^:\d]|$)`)
)

// appUser is S2.
func appUser(r *repo) Verdict {
	last := r.docker.Final()
	a := &accounts{}
	r.follow(last, a, map[*dockerfile.Stage]bool{})
	if a.user == nil {
		r.entryAccounts(last, a)
	}
	return judgeAccounts(last, a)
}

func judgeAccounts(last *dockerfile.Stage, a *accounts) Verdict {
	user, group := a.user, a.group
	switch {
	case user == nil && a.opaque != "":
		return unknown(a.opaque)
	case user == nil:
		return judge([]Finding{at(last.Line, "nothing creates user app")}, "")
	case strings.Contains(user.uid+user.gid, "$"):
		return unknown("the uid of user app comes from a build variable")
	}
	var found []Finding
	if user.uid != id {
		found = append(found, at(user.line, "%s", number("user app", "uid", user.uid)))
	}
	undecided := ""
	if group != nil && strings.Contains(group.gid, "$") {
		undecided = "the gid of group app comes from a build variable"
	} else if group != nil && group.gid != id {
		found = append(found, at(group.line, "%s", number("group app", "gid", group.gid)))
	}
	if user.gid != id && user.gid != "app" && !user.own {
		found = append(found, at(user.line, "the primary group of user app is %s", user.gid))
	}
	if group == nil && !user.own {
		if undecided = a.opaque; undecided == "" {
			found = append(found, at(user.line, "nothing creates group app"))
		}
	}
	return judge(found, undecided)
}

// number describes the number of an account.
func number(account, kind, value string) string {
	if value == "" {
		return "the " + kind + " of " + account + " is not set"
	}
	return account + " has " + kind + " " + value
}

// follow goes through the steps of a stage, and of the stages that it copies /etc/passwd from.
func (r *repo) follow(s *dockerfile.Stage, a *accounts, seen map[*dockerfile.Stage]bool) {
	if seen[s] {
		return
	}
	seen[s] = true
	if root := s.Root(); !dockerfile.PlainImage(root) && !dockerfile.Distroless(root) {
		a.opaque = root + " may define user app"
	}
	for st := range s.Steps() {
		if c, ok := st.Copying(); ok {
			r.copiedAccounts(c, s, a, seen)
			continue
		}
		a.texts(st)
		for _, c := range dockerfile.Runs(st) {
			a.apply(c, st.Line)
			inner, hidden := r.script(s, st, c)
			r.budget.Steps(shell.CostOf(inner.accounts))
			for _, c := range inner.accounts {
				a.apply(c, st.Line)
			}
			if hidden && a.user == nil {
				a.opaque = c.Words[0] + " may create user app"
			}
		}
	}
}

// copiedAccounts follows a COPY that may bring /etc/passwd and /etc/group.
func (r *repo) copiedAccounts(c dockerfile.Copying, s *dockerfile.Stage, a *accounts, seen map[*dockerfile.Stage]bool) {
	if c.From != "" && dockerfile.Within("/etc/passwd", c.Dest()) {
		if from := r.docker.Stage(c.From); from != nil && from.Line < s.Line {
			if mayHold(c, "/etc/passwd") || r.docker.Says(from, "/etc/passwd") {
				r.follow(from, a, seen)
			} else if c.Dest() == "/etc/passwd" || runsSome(from) {
				a.opaque = "what is copied from stage " + c.From + " may define user app"
			}
			return
		}
	}
	for _, file := range []string{"/etc/passwd", "/etc/group"} {
		found := r.brings(c, file, s.Line)
		switch {
		case found.ok:
			a.read(r.budget, found.text, c.Line)
		case found.maybe:
			a.opaque = "a COPY may add " + file
		}
	}
}

// runsSome reports whether a stage runs a command.
func runsSome(s *dockerfile.Stage) bool {
	for st := range s.Steps() {
		if len(dockerfile.Runs(st)) > 0 {
			return true
		}
	}
	return false
}

// mayHold reports whether a copy from a stage may contain the file.
func mayHold(c dockerfile.Copying, file string) bool {
	_, ok := c.Sources().Find(c.Budget(), file)
	return ok
}

// read takes accounts from the text of /etc/passwd or /etc/group.
func (a *accounts) read(b *budget.Budget, text string, line int) {
	b.Steps(1 + len(text)/budget.BytesOfStep)
	if !strings.Contains(text, "app:") {
		return
	}
	b.Steps(len(text))
	if m := passwdLine().FindStringSubmatch(text); m != nil {
		a.user = &account{line: line, uid: m[1], gid: m[2]}
	}
	if m := groupLine().FindStringSubmatch(text); m != nil {
		a.group = &account{line: line, gid: m[1]}
	}
}

// texts finds accounts in text that a RUN writes literally.
func (a *accounts) texts(s dockerfile.Step) {
	run, ok := s.Command.(*instructions.RunCommand)
	if !ok {
		return
	}
	before := a.user
	touches := false
	for _, c := range dockerfile.Runs(s) {
		a.read(s.Budget(), strings.ReplaceAll(strings.Join(c.Words, " ")+"\n"+c.Input, `\n`, "\n"), s.Line)
		touches = touches || writes(c, "/etc/passwd")
	}
	for _, f := range run.Files {
		a.read(s.Budget(), f.Data, s.Line)
	}
	if touches && a.user == before && a.user == nil {
		a.opaque = "a RUN writes /etc/passwd"
	}
}

// writes reports whether a command may write a file.
func writes(c shell.Command, file string) bool {
	for i, w := range c.Words {
		if w == ">"+file || w == ">>"+file || i > 0 && w == file && strings.HasPrefix(c.Words[i-1], ">") {
			return true
		}
	}
	if slices.Contains([]string{"sed", "perl", "tee", "ln", "vipw", "install", "python", "python3"}, path.Base(c.Words[0])) {
		return c.Has(file)
	}
	return slices.Contains([]string{"cp", "mv"}, path.Base(c.Words[0])) && c.Words[len(c.Words)-1] == file
}

// entryAccounts looks for the accounts in the script that the container starts.
func (r *repo) entryAccounts(last *dockerfile.Stage, a *accounts) {
	e := r.entry(last)
	for _, c := range e.commands {
		a.apply(c, e.line)
	}
	if e.hidden && a.user == nil && a.opaque == "" && last.User == "" {
		a.opaque = e.file + " may create user app"
	}
}

// accounts is S2.
func (i *Image) accounts() Verdict {
	users, unclear := i.lines("passwd")
	groups, unclear2 := i.lines("group")
	if why := cmp.Or(unclear, unclear2); why != "" {
		return unknown(why)
	}
	user, group := findAccount(users, "app"), findAccount(groups, "app")
	var r Faults
	switch {
	case user == nil:
		r.Add("/etc/passwd has no user app")
	case user.uid != appID:
		r.Add("user app has uid %d, want %d", user.uid, appID)
	}
	switch {
	case group == nil:
		r.Add("/etc/group has no group app")
	case group.gid != appID:
		r.Add("group app has gid %d, want %d", group.gid, appID)
	case user != nil && user.gid != group.gid && !slices.Contains(group.members, "app"):
		r.Add("user app is not in group app: its group is %d", user.gid)
	}
	return r.judge("")
}
