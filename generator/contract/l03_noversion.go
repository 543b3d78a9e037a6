package contract

import (
	"context"
	"encoding/json"
	"net/http"
)

var l03 = Rule{
	ID:     "L3",
	Level:  Should,
	Says:   "Without a version.json, GET /__version__ answers 404 with a JSON body.",
	Source: "practice: the specification is silent",
	Needs:  "the service without its version.json",
	Fix:    "Answer 404 when the file is missing.",
	live:   noVersion,
}

// noVersion is L3.
func noVersion(ctx context.Context, s *Service) Verdict {
	if !s.Missing {
		return Unknown("it has its version.json")
	}
	var r report
	a, ok := r.get(ctx, s, "/__version__")
	if !ok {
		return judge(r, "")
	}
	if a.code != http.StatusNotFound {
		r.add("GET /__version__ without the file answers %d, want 404", a.code)
	}
	if !a.isJSON() || !json.Valid(a.body) {
		r.add("GET /__version__ without the file has no JSON body")
	}
	return judge(r, "")
}
