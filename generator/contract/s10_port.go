package contract

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"dockerflow/generator/contract/dockerfile"
)

var s10 = Rule{
	ID:     "S10",
	Level:  Should,
	Says:   "One process per container; the default port is 8000.",
	Source: "current specification, Optional Recommendations 1 and 4",
	URL:    advised,
	Needs:  aDockerfile,
	Fix:    "Set ENV PORT=8000 and EXPOSE 8000, and start the service directly.",
	repo:   onDockerfile(port),
	image:  onFiles((*Image).port),
}

// supervisors run several processes in a container.
var supervisors = []string{"supervisord", "s6-svscan", "runsvdir", "monit", "pm2", "pm2-runtime", "foreman", "circusd", "honcho"}

// port is S10.
func port(r *repo) Verdict {
	last := r.docker.Final()
	known := dockerfile.PlainImage(last.Root()) || dockerfile.Distroless(last.Root())
	var found []Finding
	undecided := ""
	switch value, line := dockerfile.Setting(last, "PORT"); {
	case value == "8000":
	case strings.Contains(value, "$"):
		undecided = "PORT comes from a build variable"
	case value == "" && !known:
		undecided = last.Root() + " may set PORT"
	case value == "":
		found = append(found, at(line, "no ENV PORT=8000"))
	default:
		found = append(found, at(line, "the default PORT is %s", value))
	}
	switch yes, opaque := exposes(last); {
	case yes:
	case opaque:
		undecided = "EXPOSE uses a build variable"
	case !known:
		undecided = last.Root() + " may expose the port"
	default:
		found = append(found, at(last.Line, "no EXPOSE 8000"))
	}
	l := dockerfile.Launched(last)
	words, _ := dockerfile.Service(l.Words())
	if len(words) > 0 && slices.Contains(supervisors, path.Base(words[0])) {
		found = append(found, at(max(l.EntrypointLine, l.CmdLine), "%s runs several processes", words[0]))
	}
	return judge(found, undecided)
}

// exposes reports whether EXPOSE includes the port, or may include it.
func exposes(s *dockerfile.Stage) (yes, opaque bool) {
	for st := range s.Steps() {
		c, ok := st.Command.(*instructions.ExposeCommand)
		if !ok {
			continue
		}
		for _, p := range c.Ports {
			ports, protocol, _ := strings.Cut(p, "/")
			from, to, ranged := strings.Cut(ports, "-")
			if !ranged {
				to = from
			}
			low, err := strconv.Atoi(from)
			high, err2 := strconv.Atoi(to)
			switch {
			case strings.Contains(p, "PORT"):
				yes = true // the service listens there, whatever the number
			case strings.Contains(p, "$"):
				opaque = true
			case err == nil && err2 == nil && low <= 8000 && 8000 <= high && protocol != "udp":
				yes = true
			}
		}
	}
	return yes, opaque
}

// imageSupervisors run several processes in a container.
var imageSupervisors = []string{"supervisord", "s6-svscan", "runsvdir", "monit", "pm2", "pm2-runtime", "foreman", "circusd"}

// port is S10.
func (i *Image) port() Verdict {
	var r Faults
	switch value, ok := i.Config.Variable("PORT"); {
	case !ok:
		r.Add("PORT has no default: want ENV PORT=8000")
	case value != "8000":
		r.Add("the default PORT is %s, want 8000", value)
	}
	if _, ok := i.Config.ExposedPorts["8000/tcp"]; !ok {
		r.Add("port 8000 is not exposed")
	}
	for _, words := range [][]string{i.Config.Entrypoint, i.Config.Cmd} {
		if len(words) > 0 && slices.Contains(imageSupervisors, path.Base(words[0])) {
			r.Add("%s runs several processes", words[0])
		}
	}
	return r.judge("")
}
