package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"reflect"
)

// listens is the part of L1 that one URL shows.
func listens(ctx context.Context, s *Service) Verdict {
	var r report
	if _, ok := r.get(ctx, s, "/__lbheartbeat__"); !ok {
		return judge(r, "")
	}
	return unknown("it listens here; whether $PORT says where takes a second port")
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
		r.add("GET /__version__ without the file answers %d, want 404", a.code)
	}
	if !a.isJSON() || !json.Valid(a.body) {
		r.add("GET /__version__ without the file has no JSON body")
	}
	return judge(r, "")
}

// lbheartbeat is L4.
func lbheartbeat(ctx context.Context, s *Service) Verdict {
	var r report
	a, ok := r.get(ctx, s, "/__lbheartbeat__")
	if ok && a.code != http.StatusOK {
		r.add("GET /__lbheartbeat__ answers %d, want 200", a.code)
	}
	v := judge(r, "")
	if b, err := s.ask(ctx, http.MethodGet, "/__heartbeat__"); v.Status == Pass && (err != nil || b.code < 500) {
		v.Note = "no dependency was down meanwhile"
	}
	return v
}

// heartbeat is L5.
func heartbeat(ctx context.Context, s *Service) Verdict {
	var r report
	if a, ok := r.get(ctx, s, "/__heartbeat__"); ok {
		if !a.isJSON() {
			r.add("GET /__heartbeat__ has the content type %q", a.header.Get("Content-Type"))
		}
		for _, p := range CheckHeartbeat(a.code, a.body) {
			r.add("GET /__heartbeat__: %s", p)
		}
	}
	return judge(r, "")
}

// head is L6.
func head(ctx context.Context, s *Service) Verdict {
	var r report
	for _, path := range endpoints {
		get, ok := r.get(ctx, s, path)
		if !ok {
			continue
		}
		h, err := s.ask(ctx, http.MethodHead, path)
		switch {
		case err != nil:
			r.add("HEAD %s: %v", path, err)
		case h.code != get.code:
			r.add("HEAD %s answers %d, and GET %d", path, h.code, get.code)
		case h.header.Get("Content-Type") != get.header.Get("Content-Type"):
			r.add("HEAD %s has another content type than GET", path)
		}
	}
	return judge(r, "")
}

// manners are ways to ask that must not matter.
var manners = [][]string{
	{"Host", "elsewhere.invalid"},
	{"Host", "elsewhere.invalid", "X-Forwarded-Proto", "http", "X-Forwarded-Host", "other.invalid"},
	{"X-Forwarded-Proto", "https"},
}

// plain is L7.
func plain(ctx context.Context, s *Service) Verdict {
	var r report
	for _, path := range endpoints {
		get, ok := r.get(ctx, s, path)
		if !ok {
			continue
		}
		switch {
		case get.code/100 == 3:
			r.add("GET %s is redirected to %s", path, get.header.Get("Location"))
			continue
		case get.code == http.StatusUnauthorized || get.code == http.StatusForbidden:
			r.add("GET %s answers %d: it wants authentication", path, get.code)
			continue
		}
		for _, header := range manners {
			a, err := s.ask(ctx, http.MethodGet, path, header...)
			if err != nil {
				r.add("GET %s with %v: %v", path, header, err)
			} else if a.code != get.code {
				r.add("GET %s with %v answers %d, else %d", path, header, a.code, get.code)
			}
		}
	}
	return judge(r, "")
}
