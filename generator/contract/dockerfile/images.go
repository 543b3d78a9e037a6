package dockerfile

import (
	"path"
	"slices"
	"strings"

	"dockerflow/generator/lazyregexp"
)

// Languages are the official images with which a service can be built.
var Languages = []string{
	"node", "python", "golang", "amazoncorretto", "bun", "clojure", "dart", "eclipse-temurin", "elixir", "erlang",
	"gradle", "haskell", "julia", "maven", "openjdk", "perl", "php", "pypy", "ruby", "rust", "swift",
}

// Systems are the official images of operating systems. They have no language.
var Systems = []string{
	"almalinux", "alpine", "amazonlinux", "archlinux", "busybox", "centos", "debian", "fedora", "oraclelinux",
	"rockylinux", "ubuntu",
}

// folders are where official images work, if not in /.
var folders = map[string]string{
	"golang": "/go", "php": "/var/www/html", "bun": "/home/bun/app", "gradle": "/home/gradle", "clojure": "/tmp", "dart": "/root",
}

// itsOwn is the folder of an unknown image. Its $ marks it as unknown.
const itsOwn = "/$WORKDIR"

// library matches an official image: its name, with or without Docker's registry or a mirror of it, and its tag.
var library = lazyregexp.New(`^(?:(?:docker\.io|index\.docker\.io|registry\.hub\.docker\.com|mirror\.gcr\.io|public\.ecr\.aws/docker|[a-z0-9.:-]+/docker-?hub)/)?(?:library/)?([a-z0-9-]+)(?::([\w.-]+))?(?:@sha256:.*)?$`)

// IsOneOf reports whether an image is one of these official ones, and with what tag.
func IsOneOf(image string, names []string) (tag string, ok bool) {
	m := library().FindStringSubmatch(image)
	if m == nil || !slices.Contains(names, m[1]) {
		return "", false
	}
	return m[2], true
}

// Official reports whether an image is one of the official ones of a language or a system.
func Official(image string) bool {
	_, language := IsOneOf(image, Languages)
	_, system := IsOneOf(image, Systems)
	return language || system
}

// Distroless are Google's images without a system.
func Distroless(image string) bool { return strings.HasPrefix(image, "gcr.io/distroless/") }

// Bare images hold no language: what runs in them was built elsewhere.
func Bare(image string) bool {
	return image == "scratch" || Distroless(image) || strings.HasPrefix(path.Base(image), "static")
}

// PlainImage reports whether an image sets no relevant user, environment or port, so that the Dockerfile shows all of
// them.
func PlainImage(image string) bool { return image == "scratch" || Official(image) }

// worksIn returns the folder in which an image works.
func worksIn(image string) string {
	switch {
	case Distroless(image) && strings.Contains(image, "nonroot"):
		return "/home/nonroot"
	case image == "scratch", Distroless(image):
		return "/"
	case Official(image):
		if folder := folders[library().FindStringSubmatch(image)[1]]; folder != "" {
			return folder
		}
		return "/"
	}
	return itsOwn
}
