package contract

import (
	"path"
	"slices"
	"strings"

	"dockerflow/generator/contract/shell"
)

// account is what a Dockerfile shows of the user or the group app.
type account struct {
	line     int
	uid, gid string // "" if the step does not say
	own      bool   // the group is created with the user and has the same number
}

// accounts is what steps show of both, and why they may not show everything.
type accounts struct {
	user, group *account
	opaque      string
}

// valued lists the options that take a value, by program.
var valued = map[string][]string{
	"useradd": {
		"-b", "-c", "-d", "-e", "-f", "-g", "-G", "-k", "-K", "-p", "-R", "-P", "-s", "-u", "-Z", "--base-dir", "--comment",
		"--home-dir", "--home", "--expiredate", "--inactive", "--gid", "--groups", "--skel", "--key", "--password", "--root",
		"--prefix", "--shell", "--uid", "--selinux-user",
	},
	"groupadd": {"-g", "-K", "-p", "-R", "-P", "-U", "--gid", "--key", "--password", "--root", "--prefix", "--users"},
	"adduser": { // Debian's and busybox's
		"-h", "-g", "-s", "-G", "-u", "-k", "--home", "--shell", "--uid", "--gid", "--ingroup", "--firstuid", "--lastuid",
		"--firstgid", "--lastgid", "--gecos", "--comment", "--conf", "--skel",
	},
	"addgroup": {"-g", "--gid", "--firstgid", "--lastgid", "--conf"},
	"usermod":  {"-c", "-d", "-e", "-f", "-g", "-G", "-l", "-p", "-R", "-P", "-s", "-u", "-Z", "--comment", "--home", "--gid", "--groups", "--login", "--shell", "--uid"},
	"groupmod": {"-g", "-n", "-p", "-R", "-P", "--gid", "--new-name"},
}

// parseOptions parses a command's words like getopt: short options can be combined, long ones have their value after =.
func parseOptions(words, takes []string) (options map[string]string, args []string) {
	options = map[string]string{}
	for i := 0; i < len(words); i++ {
		w := words[i]
		next := func() (value string) {
			if i+1 < len(words) {
				i++
				value = words[i]
			}
			return value
		}
		switch {
		case strings.HasPrefix(w, "--"):
			name, value, ok := strings.Cut(w, "=")
			if !ok && slices.Contains(takes, name) {
				value = next()
			}
			options[name] = value
		case strings.HasPrefix(w, "-") && len(w) > 1:
			for n := 1; n < len(w); n++ {
				letter := "-" + w[n:n+1]
				if !slices.Contains(takes, letter) {
					options[letter] = ""
					continue
				}
				if options[letter] = strings.TrimPrefix(w[n+1:], "="); n+1 == len(w) {
					options[letter] = next()
				}
				break
			}
		case strings.HasPrefix(w, ">") || strings.HasPrefix(w, "2>") || strings.HasPrefix(w, "&>"):
			if strings.HasSuffix(w, ">") {
				next()
			}
		default:
			args = append(args, w)
		}
	}
	return options, args
}

// first returns the value of the first option that is present.
func first(options map[string]string, names ...string) (string, bool) {
	for _, n := range names {
		if v, ok := options[n]; ok {
			return v, true
		}
	}
	return "", false
}

// apply follows a command that makes or changes accounts.
func (a *accounts) apply(c shell.Command, line int) {
	program := path.Base(c.Words[0])
	takes, ok := valued[program]
	if !ok {
		return
	}
	options, args := parseOptions(c.Words[1:], takes)
	if len(args) == 0 {
		return
	}
	if strings.Contains(args[0], "$") {
		a.opaque = program + " takes the name from a variable"
		return
	}
	switch program {
	case "groupadd", "addgroup":
		a.makeGroup(options, args, line)
	case "useradd":
		a.makeUser(options, args, line)
	case "adduser":
		_, system := first(options, "--system")
		if _, group := first(options, "--group"); group && !system {
			a.makeGroup(options, args, line)
			return
		}
		a.addUser(options, args, line)
	default:
		a.change(program, options, args, line)
	}
}

func (a *accounts) makeGroup(options map[string]string, args []string, line int) {
	if args[0] != "app" || len(args) > 1 { // with two, addgroup adds a user to a group
		return
	}
	gid, _ := first(options, "-g", "--gid")
	a.group = &account{line: line, gid: gid}
}

func (a *accounts) makeUser(options map[string]string, args []string, line int) {
	if args[0] != "app" {
		return
	}
	u := &account{line: line}
	u.uid, _ = first(options, "-u", "--uid")
	u.gid, _ = first(options, "-g", "--gid")
	if _, none := first(options, "-N", "--no-user-group"); u.gid == "" && none {
		u.gid = "users"
	}
	u.own = u.gid == ""
	a.user = u
}

// addUser follows Debian's and busybox's adduser, and Fedora's, which is useradd.
func (a *accounts) addUser(options map[string]string, args []string, line int) {
	if args[0] != "app" || len(args) > 1 { // with two, it adds a user to a group
		return
	}
	u := &account{line: line}
	u.uid, _ = first(options, "-u", "--uid")
	u.gid, _ = first(options, "-G", "--ingroup", "--gid")
	if g := options["-g"]; u.gid == "" && g != "" && strings.Trim(g, "0123456789") == "" {
		u.gid = g
	}
	_, system := first(options, "-S", "--system", "-r")
	_, group := first(options, "--group")
	if u.own = u.gid == ""; u.own && system && !group {
		u.gid, u.own = "nogroup", false
	}
	a.user = u
}

// change follows usermod and groupmod.
func (a *accounts) change(program string, options map[string]string, args []string, line int) {
	if _, renames := first(options, "-l", "--login", "-n", "--new-name"); renames {
		a.opaque = program + " may create user app"
		return
	}
	if args[0] != "app" {
		return
	}
	uid, _ := first(options, "-u", "--uid")
	gid, _ := first(options, "-g", "--gid")
	switch {
	case program == "groupmod" && gid != "":
		a.group = &account{line: line, gid: gid}
	case program == "usermod" && a.user != nil:
		next := *a.user
		if uid != "" {
			next.uid, next.line = uid, line
		}
		if gid != "" {
			next.gid, next.line, next.own = gid, line, false
		}
		a.user = &next
	}
}
