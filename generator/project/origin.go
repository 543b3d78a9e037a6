package project

import (
	"path/filepath"
	"strings"

	"dockerflow/generator/template"
)

// RecordedOrigin returns a template's origin for the record of a project in dir. Paths are relative to dir, so that they work
// for everybody who has both.
func RecordedOrigin(o template.Origin, dir string) template.Origin {
	if o.Source == "" || o.Commit != "" {
		return o
	}
	place, sub, _ := strings.Cut(o.Source, "//")
	here, err := filepath.Abs(dir)
	if err != nil {
		return template.Origin{Source: o.Source}
	}
	there, err := filepath.Abs(place)
	if err == nil {
		place, err = filepath.Rel(here, there)
	}
	if err != nil {
		return template.Origin{Source: o.Source}
	}
	place = filepath.ToSlash(place)
	if !strings.HasPrefix(place, ".") {
		place = "./" + place
	}
	if sub != "" {
		place += "//" + sub
	}
	return template.Origin{Source: place}
}
