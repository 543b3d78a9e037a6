package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"reflect"
)

var l02 = Rule{
	ID:     "L2",
	Level:  Must,
	Says:   "GET /__version__ answers 200, application/json, with the content of /app/version.json.",
	Source: "specification of 2016, A containerized app must 2; today, Containerized App Requirements 4",
	URL:    object,
	Needs:  aURL,
	Fix:    "Answer with the bytes of version.json, which has the strings source, version, commit and build.",
	live:   version,
}

// version is L2.
func version(ctx context.Context, s *Service) Verdict {
	if s.Missing {
		return unknown("it has no version.json")
	}
	var r report
	a, ok := r.get(ctx, s, "/__version__")
	if !ok {
		return judge(r, "")
	}
	if a.code != http.StatusOK {
		r.add("GET /__version__ answers %d", a.code)
	}
	if !a.isJSON() {
		r.add("GET /__version__ has the content type %q", a.header.Get("Content-Type"))
	}
	for _, f := range badVersion("", a.body) {
		r.add("GET /__version__: %s", f.Text)
	}
	if s.Version != nil && !sameJSON(a.body, s.Version) {
		r.add("GET /__version__ is not what version.json holds")
	}
	v := judge(r, "")
	if v.Status == Pass && s.Version == nil {
		v.Note = "whether it is what /app/version.json holds is not seen here"
	}
	return v
}

func sameJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
