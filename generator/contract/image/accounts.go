package image

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"dockerflow/generator/contract"
)

// id is the number of both the user and the group.
const id = 10001

// account is a line of /etc/passwd or /etc/group.
type account struct {
	name     string
	uid, gid int
	members  []string
}

// lines reads /etc/passwd or /etc/group. Without the file there are none.
func (i *Image) lines(file string) (accounts []account, unclear string) {
	f, link := i.File("etc/" + file)
	switch {
	case link != "":
		return nil, "/etc/" + file + " is a link to " + link
	case i.files["etc"] != nil && !i.files["etc"].Dir():
		return nil, "/etc is no folder"
	case f == nil:
		return nil, i.unread
	}
	for line := range strings.Lines(string(f.Content)) {
		part := strings.Split(strings.TrimSpace(line), ":")
		if len(part) < 4 {
			continue
		}
		number, err := strconv.Atoi(part[2])
		if err != nil {
			continue
		}
		a := account{name: part[0], uid: number, gid: number, members: strings.Split(part[3], ",")}
		if file == "passwd" {
			if a.gid, err = strconv.Atoi(part[3]); err != nil {
				continue
			}
		}
		accounts = append(accounts, a)
	}
	return accounts, i.unread
}

func find(accounts []account, name string) *account {
	if n := slices.IndexFunc(accounts, func(a account) bool { return a.name == name }); n >= 0 {
		return &accounts[n]
	}
	return nil
}

// accounts is S2.
func (i *Image) accounts() contract.Verdict {
	users, unclear := i.lines("passwd")
	groups, unclear2 := i.lines("group")
	if why := cmp.Or(unclear, unclear2); why != "" {
		return unknown(why)
	}
	user, group := find(users, "app"), find(groups, "app")
	var r report
	switch {
	case user == nil:
		r.add("/etc/passwd has no user app")
	case user.uid != id:
		r.add("user app has uid %d, want %d", user.uid, id)
	}
	switch {
	case group == nil:
		r.add("/etc/group has no group app")
	case group.gid != id:
		r.add("group app has gid %d, want %d", group.gid, id)
	case user != nil && user.gid != group.gid && !slices.Contains(group.members, "app"):
		r.add("user app is no member of group app: its group is %d", user.gid)
	}
	return r.judge("")
}

// runsAs is S3.
func (i *Image) runsAs() contract.Verdict {
	name, group, _ := strings.Cut(i.Config.User, ":")
	number := strconv.Itoa(id)
	var r report
	switch {
	case name == "":
		r.add("there is no USER: the container runs as root")
	case name != "app" && name != number || group != "" && group != "app" && group != number:
		r.add("the container runs as %s", i.Config.User)
	}
	return r.judge("")
}

// readOnly is what files show of S8.
func (i *Image) readOnly() contract.Verdict {
	uid, gid := []int{id}, []int{id}
	users, _ := i.lines("passwd")
	groups, _ := i.lines("group")
	if user := find(users, "app"); user != nil {
		uid, gid = append(uid, user.uid), append(gid, user.gid)
	}
	if group := find(groups, "app"); group != nil {
		gid = append(gid, group.gid)
	}
	var r report
	for _, name := range append([]string{"app"}, i.under("app")...) {
		f := i.files[name]
		switch {
		case f == nil || !f.Mode.IsRegular() && !f.Dir():
		case slices.Contains(uid, f.UID):
			r.add("/%s belongs to the app user", name)
		case f.Mode&0o002 != 0:
			r.add("/%s can be written by everybody", name)
		case f.Mode&0o020 != 0 && slices.Contains(gid, f.GID):
			r.add("/%s can be written by the app user's group", name)
		}
	}
	return r.judge(i.unclear())
}
