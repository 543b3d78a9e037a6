package spec

import (
	"path"
	"slices"
	"strings"
)

// languages are the official images with which a service can be built.
var languages = []string{
	"node", "python", "golang", "amazoncorretto", "bun", "clojure", "dart", "eclipse-temurin", "elixir", "erlang",
	"gradle", "haskell", "julia", "maven", "openjdk", "perl", "php", "pypy", "ruby", "rust", "swift",
}

// systems are the official images of operating systems. They have no language.
var systems = []string{
	"almalinux", "alpine", "amazonlinux", "archlinux", "busybox", "centos", "debian", "fedora", "oraclelinux",
	"rockylinux", "ubuntu",
}

// library matches an official image: its name, with or without Docker's registry or a mirror of it, and its tag.
var library = lazy(`^(?:(?:docker\.io|index\.docker\.io|mirror\.gcr\.io|public\.ecr\.aws/docker|[a-z0-9.:-]+/docker-?hub)/)?(?:library/)?([a-z0-9-]+)(?::([\w.-]+))?(?:@sha256:.*)?$`)

// isOneOf tells whether an image is one of these official ones, and with what tag.
func isOneOf(image string, names []string) (tag string, ok bool) {
	m := library().FindStringSubmatch(image)
	if m == nil || !slices.Contains(names, m[1]) {
		return "", false
	}
	return m[2], true
}

func official(image string) bool {
	_, language := isOneOf(image, languages)
	_, system := isOneOf(image, systems)
	return language || system
}

// bare images hold no language: what runs in them was built elsewhere.
func bare(image string) bool {
	return image == "scratch" || strings.Contains(image, "distroless") || strings.HasPrefix(path.Base(image), "static")
}

// baseImage is S6.
func baseImage(r *repo) Verdict {
	last := r.docker.final()
	root := last.root()
	if strings.Contains(root, "$") {
		return unknown("FROM has a variable that only the build knows")
	}
	if tag, ok := isOneOf(root, languages); ok {
		v := Verdict{Status: Pass}
		if strings.Contains(tag, "alpine") {
			v.Note = root + ": -slim is advised, Alpine is not"
		}
		return v
	}
	_, system := isOneOf(root, systems)
	if !bare(root) && !system {
		return unknown("whether " + root + " stands on an official image is not seen here")
	}
	for _, s := range r.docker.sources(last) {
		if _, ok := isOneOf(s.root(), languages); ok {
			return Verdict{Status: Pass, Note: "ships from " + root + ", built on " + s.root()}
		}
	}
	return judge([]Finding{at(last.line, "%s is no official image of a language, nor is what it is built on", root)}, "")
}

// sources are the stages that a stage copies from, directly or through others.
func (d *dockerfile) sources(s *stage) []*stage {
	wanted := []*stage{s}
	for i := 0; i < len(wanted); i++ {
		for _, st := range wanted[i].steps() {
			c, ok := st.copying()
			if !ok {
				continue
			}
			if from := d.stage(c.from); from != nil && !slices.Contains(wanted, from) {
				wanted = append(wanted, from)
			}
		}
	}
	return wanted[1:]
}
