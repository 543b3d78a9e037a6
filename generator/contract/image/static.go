package image

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"dockerflow/generator/contract"
)

// static gives the verdicts that configuration and files show.
func (i *Image) static() verdicts {
	return verdicts{
		"S1": i.home(), "S2": i.accounts(), "S3": i.runsAs(), "S4": i.starts(), "S5": i.version(),
		"S8": i.readOnly(), "S9": i.secrets(), "S10": i.port(), "S13": i.small(),
	}
}

// unclear says why /app cannot be looked at, if so.
func (i *Image) unclear() string {
	if f := i.files["app"]; f != nil && !f.Dir() {
		return "/app is no folder, but leads to " + f.Link
	}
	return i.unread
}

// home is S1.
func (i *Image) home() contract.Verdict {
	if why := i.unclear(); why != "" {
		return unknown(why)
	}
	dir := strings.Trim(path.Clean("/"+i.Config.WorkingDir), "/")
	names := slices.DeleteFunc(i.under("app"), func(n string) bool { return n == "app/"+versionName || i.files[n].Dir() })
	starts := slices.ContainsFunc(slices.Concat(i.Config.Entrypoint, i.Config.Cmd), func(w string) bool {
		return strings.HasPrefix(w, "/app/")
	})
	var r report
	switch {
	case len(names) == 0:
		r.add("there is no file of an application in /app")
	case dir != "" && within(dir, "app") || starts:
	default:
		return unknown(fmt.Sprintf("there are files in /app, but the container works in /%s: whether they are the application is not seen", dir))
	}
	return r.judge("")
}

// starts is S4.
func (i *Image) starts() contract.Verdict {
	var r report
	for _, part := range []struct {
		name  string
		words []string
	}{{"ENTRYPOINT", i.Config.Entrypoint}, {"CMD", i.Config.Cmd}} {
		switch {
		case len(part.words) == 0:
			r.add("there is no %s", part.name)
		case shell(part.words):
			r.add("%s is a shell's command, so the shell gets the signals: %s", part.name, oneLine(strings.Join(part.words, " ")))
		}
	}
	return r.judge("")
}

// shell tells whether words, as shell form makes them, keep a shell between the signals and the service.
func shell(words []string) bool {
	if !slices.Contains([]string{"sh", "bash", "ash", "dash", "zsh", "ksh"}, path.Base(words[0])) {
		return false
	}
	n := slices.IndexFunc(words, func(w string) bool {
		return strings.HasPrefix(w, "-") && !strings.HasPrefix(w, "--") && strings.HasSuffix(w, "c")
	})
	return n > 0 && n+1 < len(words) && !slices.Contains(strings.FieldsFunc(words[n+1], func(c rune) bool {
		return strings.ContainsRune(" \t\n;&|({", c)
	}), "exec")
}

// version is S5.
func (i *Image) version() contract.Verdict {
	if why := i.unclear(); why != "" {
		return unknown(why)
	}
	f, link := i.File("app/" + versionName)
	var r report
	switch {
	case f == nil && link != "":
		return unknown("/app/version.json is a link to " + link)
	case f == nil:
		r.add("there is no /app/version.json")
	case f.Dir():
		r.add("/app/version.json is a folder")
	case f.Size > maxContent:
		r.add("/app/version.json has %d bytes", f.Size)
	default:
		for _, p := range contract.CheckVersion(f.Content) {
			r.add("/app/version.json: %s", p)
		}
	}
	return r.judge("")
}

// supervisors run several processes in a container.
var supervisors = []string{"supervisord", "s6-svscan", "runsvdir", "monit", "pm2", "pm2-runtime", "foreman", "circusd"}

// port is S10.
func (i *Image) port() contract.Verdict {
	var r report
	switch value, ok := variable(i.Config.Env, "PORT"); {
	case !ok:
		r.add("PORT has no default: want ENV PORT=8000")
	case value != "8000":
		r.add("PORT is %s by default, want 8000", value)
	}
	if _, ok := i.Config.ExposedPorts["8000/tcp"]; !ok {
		r.add("port 8000 is not exposed")
	}
	for _, words := range [][]string{i.Config.Entrypoint, i.Config.Cmd} {
		if len(words) > 0 && slices.Contains(supervisors, path.Base(words[0])) {
			r.add("%s runs several processes", words[0])
		}
	}
	return r.judge("")
}

// variable gives the value of an environment variable.
func variable(env []string, name string) (value string, ok bool) {
	for _, kv := range env {
		if n, v, _ := strings.Cut(kv, "="); n == name {
			value, ok = v, true
		}
	}
	return value, ok
}
