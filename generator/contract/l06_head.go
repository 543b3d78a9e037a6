package contract

import (
	"context"
	"net/http"
)

var l06 = Rule{
	ID:     "L6",
	Level:  Should,
	Says:   "HEAD works on all three endpoints.",
	Source: "practice",
	Needs:  aURL,
	Fix:    "Route HEAD like GET.",
	live:   head,
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
			r.add("HEAD %s returns %d, but GET returns %d", path, h.code, get.code)
		case h.header.Get("Content-Type") != get.header.Get("Content-Type"):
			r.add("HEAD %s and GET have different content types", path)
		}
	}
	return judge(r, "")
}
