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
	Says:   "The image is based on the language's official image.",
	Source: "2016 specification, Dockerfile Guidelines; current specification, Guidelines for Building a Container (-slim is recommended)",
	URL:    building,
	Needs:  aDockerfile,
	Fix:    "Use node, python or golang from Docker Hub as the base image, in its -slim variant where there is one.",
	repo:   onDockerfile(baseImage),
}

// baseImage is S6.
func baseImage(r *repo) Verdict {
	last := r.docker.Final()
	root := last.Root()
	if strings.Contains(root, "$") {
		return unknown("FROM comes from a build variable")
	}
	if tag, ok := dockerfile.IsOneOf(root, dockerfile.Languages); ok {
		v := Verdict{Status: Pass}
		if strings.Contains(tag, "alpine") {
			v.Note = root + ": -slim is recommended, Alpine is not"
		}
		return v
	}
	_, system := dockerfile.IsOneOf(root, dockerfile.Systems)
	if !dockerfile.Bare(root) && !system {
		return unknown("cannot tell whether " + root + " is based on an official image")
	}
	foreign := ""
	for _, image := range r.docker.Origins(last) {
		if _, ok := dockerfile.IsOneOf(image, dockerfile.Languages); ok {
			return Verdict{Status: Pass, Note: "based on " + root + ", built with " + image}
		}
		if !dockerfile.Bare(image) && !dockerfile.Official(image) && !isTool(image) {
			foreign = image
		}
	}
	if foreign != "" {
		return unknown("cannot tell whether " + foreign + " is based on an official image")
	}
	return judge([]Finding{at(last.Line, "%s is not an official language image and is not built with one", root)}, "")
}

// isTool reports whether an image only provides a tool, so that no image is based on it.
func isTool(image string) bool {
	name, _, _ := strings.Cut(path.Base(image), ":")
	return slices.Contains([]string{"uv", "tini", "dumb-init", "gosu", "docker-init", "wait-for-it"}, name)
}
