package contract

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

// folders are where official images work, if not in /.
var folders = map[string]string{
	"golang": "/go", "php": "/var/www/html", "bun": "/home/bun/app", "gradle": "/home/gradle", "clojure": "/tmp", "dart": "/root",
}

// itsOwn stands for the folder of an image that is not known. Its $ says so.
const itsOwn = "/$WORKDIR"

// library matches an official image: its name, with or without Docker's registry or a mirror of it, and its tag.
var library = lazy(`^(?:(?:docker\.io|index\.docker\.io|registry\.hub\.docker\.com|mirror\.gcr\.io|public\.ecr\.aws/docker|[a-z0-9.:-]+/docker-?hub)/)?(?:library/)?([a-z0-9-]+)(?::([\w.-]+))?(?:@sha256:.*)?$`)

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

// distroless are Google's images without a system.
func distroless(image string) bool { return strings.HasPrefix(image, "gcr.io/distroless/") }

// bare images hold no language: what runs in them was built elsewhere.
func bare(image string) bool {
	return image == "scratch" || distroless(image) || strings.HasPrefix(path.Base(image), "static")
}

// plainImage tells whether an image sets neither user, environment nor port that matters here: what is not in the Dockerfile
// is not there.
func plainImage(image string) bool { return image == "scratch" || official(image) }

// worksIn gives the folder in which an image works.
func worksIn(image string) string {
	switch {
	case distroless(image) && strings.Contains(image, "nonroot"):
		return "/home/nonroot"
	case image == "scratch", distroless(image):
		return "/"
	case official(image):
		if folder := folders[library().FindStringSubmatch(image)[1]]; folder != "" {
			return folder
		}
		return "/"
	}
	return itsOwn
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
	foreign := ""
	for _, image := range r.docker.origins(last) {
		if _, ok := isOneOf(image, languages); ok {
			return Verdict{Status: Pass, Note: "ships from " + root + ", built on " + image}
		}
		if !bare(image) && !official(image) && !isTool(image) {
			foreign = image
		}
	}
	if foreign != "" {
		return unknown("whether " + foreign + " stands on an official image is not seen here")
	}
	return judge([]Finding{at(last.line, "%s is no official image of a language, nor is what it is built on", root)}, "")
}

// isTool tells whether an image brings a tool, and nobody builds on it.
func isTool(image string) bool {
	name, _, _ := strings.Cut(path.Base(image), ":")
	return slices.Contains([]string{"uv", "tini", "dumb-init", "gosu", "docker-init", "wait-for-it"}, name)
}

// origins are the images that a stage copies from, directly or through others.
func (d *dockerfile) origins(s *stage) []string {
	var images []string
	for _, from := range append(d.sources(s), s) {
		if from != s {
			images = append(images, from.root())
		}
		for st := range from.steps() {
			if c, ok := st.copying(); ok && c.from != "" && d.stage(c.from) == nil {
				images = append(images, c.from)
			}
		}
	}
	return images
}

// sources are the stages that a stage copies from, directly or through others.
func (d *dockerfile) sources(s *stage) []*stage {
	d.budget.Steps(1)
	if known, ok := d.feeding[s]; ok {
		return slices.Clip(known)
	}
	wanted := []*stage{s}
	seen, looked := map[*stage]bool{s: true}, map[*stage]bool{}
	for i := 0; i < len(wanted); i++ {
		for _, below := range d.lineage(wanted[i:i+1], looked) {
			for _, st := range below.own {
				for _, name := range st.fromStages() {
					if from := d.stage(name); from != nil && !seen[from] {
						seen[from] = true
						wanted = append(wanted, from)
					}
				}
			}
		}
	}
	d.feeding[s] = wanted[1:]
	return slices.Clip(wanted[1:])
}

// lineage is stages and all that they stand on, those below first, each once and without what was seen before.
func (d *dockerfile) lineage(stages []*stage, seen map[*stage]bool) []*stage {
	var all []*stage
	var add func(s *stage)
	add = func(s *stage) {
		if s == nil || seen[s] {
			return
		}
		d.budget.Steps(1 + len(s.own))
		seen[s] = true
		add(s.parent)
		all = append(all, s)
	}
	for _, s := range stages {
		add(s)
	}
	return all
}
