package contract

import (
	"path"
	"slices"
	"strings"

	"dockerflow/generator/contract/dockerfile"
)

var s06 = Rule{
	ID:     "S6",
	Level:  Must,
	Says:   "The image is built on the language's official image.",
	Source: "specification of 2016, Dockerfile Guidelines; today, Guidelines for Building a Container (-slim is advised)",
	URL:    building,
	Needs:  aDockerfile,
	Fix:    "Build on node, python or golang from Docker Hub, in its -slim variant where there is one.",
	repo:   onDockerfile(baseImage),
}

// baseImage is S6.
func baseImage(r *repo) Verdict {
	last := r.docker.Final()
	root := last.Root()
	if strings.Contains(root, "$") {
		return unknown("FROM has a variable that only the build knows")
	}
	if tag, ok := dockerfile.IsOneOf(root, dockerfile.Languages); ok {
		v := Verdict{Status: Pass}
		if strings.Contains(tag, "alpine") {
			v.Note = root + ": -slim is advised, Alpine is not"
		}
		return v
	}
	_, system := dockerfile.IsOneOf(root, dockerfile.Systems)
	if !dockerfile.Bare(root) && !system {
		return unknown("whether " + root + " stands on an official image is not seen here")
	}
	foreign := ""
	for _, image := range r.docker.Origins(last) {
		if _, ok := dockerfile.IsOneOf(image, dockerfile.Languages); ok {
			return Verdict{Status: Pass, Note: "ships from " + root + ", built on " + image}
		}
		if !dockerfile.Bare(image) && !dockerfile.Official(image) && !isTool(image) {
			foreign = image
		}
	}
	if foreign != "" {
		return unknown("whether " + foreign + " stands on an official image is not seen here")
	}
	return judge([]Finding{at(last.Line, "%s is no official image of a language, nor is what it is built on", root)}, "")
}

// isTool tells whether an image brings a tool, and nobody builds on it.
func isTool(image string) bool {
	name, _, _ := strings.Cut(path.Base(image), ":")
	return slices.Contains([]string{"uv", "tini", "dumb-init", "gosu", "docker-init", "wait-for-it"}, name)
}
