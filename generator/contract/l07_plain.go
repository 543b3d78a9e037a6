package contract

import (
	"context"
	"net/http"
)

var l07 = Rule{
	ID:     "L7",
	Level:  Should,
	Says:   "The three endpoints need no authentication and no particular Host, and never redirect.",
	Source: "practice",
	Needs:  aURL,
	Fix:    "Answer these endpoints before any middleware runs.",
	live:   plain,
}

// manners are request variants that must not change the response.
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
			r.add("GET %s returns %d: it requires authentication", path, get.code)
			continue
		}
		for _, header := range manners {
			a, err := s.ask(ctx, http.MethodGet, path, header...)
			if err != nil {
				r.add("GET %s with %v: %v", path, header, err)
			} else if a.code != get.code {
				r.add("GET %s with %v returns %d, without it %d", path, header, a.code, get.code)
			}
		}
	}
	return judge(r, "")
}
