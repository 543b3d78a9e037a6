package contract

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"dockerflow/generator/contract/dockerfile"
)

var s01 = Rule{
	ID:     "S1",
	Level:  Must,
	Says:   "The application is installed in /app.",
	Source: "2016 specification, Dockerfile Guidelines; current specification, Dockerfile requirements 1",
	URL:    image,
	Needs:  aDockerfile,
	Fix:    "Set WORKDIR /app in the last stage and copy the application there.",
	repo:   home,
	image:  onFiles((*Image).home),
}

// home is S1. It also fails for a repository whose Dockerfile cannot be read, so that exactly one rule fails.
func home(r *repo) Verdict {
	switch {
	case r.other != "":
		return unknown(r.other)
	case r.broken != nil:
		return judge([]Finding{*r.broken}, "")
	}
	return onDockerfile(livesInApp)(r)
}

func livesInApp(r *repo) Verdict {
	last := r.docker.Final()
	elsewhere, filled := false, false
	for s := range last.Steps() {
		c, ok := s.Copying()
		if !ok || onlyVersion(c) {
			continue
		}
		filled = filled || dockerfile.Within(c.Dest(), "/app") || c.Dest() == "/"
		elsewhere = elsewhere || last.Dir != "/" && dockerfile.Within(c.Dest(), last.Dir)
	}
	l := dockerfile.Launched(last)
	starts := slices.ContainsFunc(l.Words(), func(w string) bool { return dockerfile.Within(w, "/app") })
	switch {
	case filled && (starts || dockerfile.Within(last.Dir, "/app")):
		return Verdict{Status: Pass}
	case strings.Contains(last.Dir, "$"):
		return unknown("WORKDIR comes from a build variable or from the base image")
	case r.runsFill(last, "/app"):
		return unknown("a RUN may add the application to /app")
	case !dockerfile.Within(last.Dir, "/app") && (elsewhere || !filled):
		return judge([]Finding{at(last.Line, "the WORKDIR of the last stage is %s", last.Dir)}, "")
	case !filled:
		return judge([]Finding{at(last.Line, "nothing is copied into /app")}, "")
	}
	return Verdict{Status: Pass}
}

// onlyVersion reports whether nothing is copied but version.json.
func onlyVersion(c dockerfile.Copying) bool {
	return len(c.SourcePaths) == 1 && path.Base(c.SourcePaths[0]) == "version.json"
}

// fillers are programs that put files into place.
var fillers = []string{"cp", "mv", "git", "tar", "unzip", "install", "rsync", "ln", "curl", "wget", "bsdtar"}

// runsFill reports whether a RUN may put files into a folder.
func (r *repo) runsFill(s *dockerfile.Stage, folder string) bool {
	for st := range s.Steps() {
		for _, c := range dockerfile.Runs(st) {
			fills := slices.Contains(fillers, path.Base(c.Words[0])) && (dockerfile.Within(st.Dir, folder) ||
				slices.ContainsFunc(c.Words[1:], func(w string) bool { return dockerfile.Within(dockerfile.Under(st.Dir, w), folder) }))
			if _, hidden := r.script(s, st, c); fills || hidden {
				return true
			}
		}
	}
	return false
}

// home is S1.
func (i *Image) home() Verdict {
	if why := i.Unclear(); why != "" {
		return unknown(why)
	}
	dir := strings.Trim(path.Clean("/"+i.Config.WorkingDir), "/")
	names := slices.DeleteFunc(i.under("app"), func(n string) bool { return n == "app/"+VersionName || i.Files[n].Dir() })
	starts := slices.ContainsFunc(slices.Concat(i.Config.Entrypoint, i.Config.Cmd), func(w string) bool {
		return strings.HasPrefix(w, "/app/")
	})
	var r Faults
	switch {
	case len(names) == 0:
		r.Add("/app contains no application files")
	case dir != "" && within(dir, "app") || starts:
	default:
		return unknown(fmt.Sprintf("/app contains files, but the working directory is /%s: cannot tell whether they are the application", dir))
	}
	return r.judge("")
}
