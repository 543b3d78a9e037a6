package contract

import (
	"context"
	"encoding/json"
	"net/http"
)

const l03Needs = "the service started without version.json"

var l03 = Rule{
	ID:     "L3",
	Level:  Should,
	Says:   "Without version.json, GET /__version__ returns 404 with a JSON body.",
	Source: "practice; the specification does not say",
	Needs:  "the service started without version.json",
	Fix:    "Return 404 when the file is missing.",
	live:   noVersion,
	image:  onContainers((*Observed).unversioned),
}

// noVersion is L3.
func noVersion(ctx context.Context, s *Service) Verdict {
	if !s.Missing {
		return unknown("it has its version.json")
	}
	var r report
	a, ok := r.get(ctx, s, "/__version__")
	if !ok {
		return judge(r, "")
	}
	if a.code != http.StatusNotFound {
		r.add("GET /__version__ without the file returns %d, want 404", a.code)
	}
	if !a.isJSON() || !json.Valid(a.body) {
		r.add("GET /__version__ without the file has no JSON body")
	}
	return judge(r, "")
}

// Unversioned is a container of an image without its version.json.
type Unversioned struct {
	Unhidden   bool   // the engine does not take the file away
	NotStarted string // why it does not answer

	verdict *Verdict // by its answer
}

// AskUnversioned sends the request to a service without its version.json. A service that still returns the content may
// have a copy of it elsewhere.
func (o *Observed) AskUnversioned(ctx context.Context, url string) {
	v := noVersion(ctx, &Service{URL: url, Missing: true})
	if f, _ := o.Image.File("app/" + VersionName); v.Status == Fail && f != nil {
		if version(ctx, &Service{URL: url, Version: f.Content}).Status == Pass {
			v = unknown("it returns the same content without the file, so it has a copy elsewhere")
		}
	}
	o.Unversioned.verdict = &v
}

// unversioned is what a container without the file shows of L3.
func (o *Observed) unversioned() Verdict {
	u := o.Unversioned
	switch {
	case u.verdict != nil:
		return *u.verdict
	case u.NotStarted != "":
		return Faults{"it does not start without version.json: " + u.NotStarted}.judge("")
	case u.Unhidden:
		return unknown("the engine cannot remove /app/version.json from a container")
	}
	return unknown("needs " + l03Needs)
}
