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
	Says:   "GET /__version__ returns 200, application/json and the content of /app/version.json.",
	Source: "2016 specification, A containerized app must 2; current specification, Containerized App Requirements 4",
	URL:    object,
	Needs:  aURL,
	Fix:    "Return the bytes of version.json, which has the strings source, version, commit and build.",
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
		r.add("GET /__version__ returns %d", a.code)
	}
	if !a.isJSON() {
		r.add("GET /__version__ has the content type %q", a.header.Get("Content-Type"))
	}
	for _, f := range badVersion("", a.body) {
		r.add("GET /__version__: %s", f.Text)
	}
	if s.Version != nil && !sameJSON(a.body, s.Version) {
		r.add("GET /__version__ differs from version.json")
	}
	v := judge(r, "")
	if v.Status == Pass && s.Version == nil {
		v.Note = "cannot compare it with /app/version.json"
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
