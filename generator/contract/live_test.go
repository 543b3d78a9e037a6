package contract

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

const versionText = `{"source":"https://github.com/example/hello","version":"","commit":"abc","build":""}`

// broken returns a service that keeps every live rule except the one that fault breaks.
func broken(t *testing.T, fault string) *Service {
	t.Helper()
	mux := http.NewServeMux()
	answer := func(path string, code int, body string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			switch {
			case fault == "redirects "+path:
				http.Redirect(w, r, "https://elsewhere.invalid/", http.StatusMovedPermanently)
				return
			case fault == "checks the host of "+path && strings.Contains(r.Host, "elsewhere"):
				w.WriteHeader(http.StatusBadRequest)
				return
			case fault == "redirects to https" && r.Header.Get("X-Forwarded-Proto") == "http":
				http.Redirect(w, r, "https://elsewhere.invalid/", http.StatusFound)
				return
			case fault == "no HEAD on "+path && r.Method == http.MethodHead:
				w.WriteHeader(http.StatusMethodNotAllowed)
				return
			case fault == "hangs on "+path:
				<-r.Context().Done()
				return
			case fault == "endless "+path:
				for r.Context().Err() == nil {
					if _, err := w.Write(make([]byte, 1<<16)); err != nil {
						return
					}
				}
				return
			}
			if fault != "no type on "+path {
				w.Header().Set("Content-Type", "application/json")
			}
			if strings.HasPrefix(fault, path+" ") {
				_, _ = fmt.Sscanf(fault, path+" %d", &code)
				_, body, _ = strings.Cut(strings.TrimPrefix(fault, path+" "), " ")
			}
			w.WriteHeader(code)
			_, _ = w.Write([]byte(body))
		})
	}
	answer("/__version__", http.StatusOK, versionText)
	answer("/__lbheartbeat__", http.StatusOK, `{"status":"ok"}`)
	answer("/__heartbeat__", http.StatusOK, `{"status":"ok","checks":{"db":"ok"},"details":{}}`)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	limit := time.Minute // which a busy machine does not reach
	if strings.HasPrefix(fault, "hangs") {
		limit = 2 * time.Second
	}
	return &Service{URL: server.URL, Client: NewClient(limit), Version: []byte(versionText)}
}

func TestLiveCompliant(t *testing.T) {
	t.Parallel()
	for _, r := range CheckLive(t.Context(), broken(t, "")) {
		want := NotCheckable
		switch r.ID {
		case "L2", "L4", "L5", "L6", "L7":
			want = Pass
		}
		if r.Status != want || want == NotCheckable && r.Note == "" {
			t.Errorf("%s is %s, want %s: %v %s", r.ID, r.Status, want, r.Findings, r.Note)
		}
	}
}

func TestLiveFaultsAreCaught(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ fault, rule string }{
		{"/__version__ 200 {}", "L2"},
		{"/__version__ 200 " + strings.Replace(versionText, "abc", "def", 1), "L2"},
		{"/__version__ 203 " + versionText, "L2"},
		{"no type on /__version__", "L2"},
		{"endless /__version__", "L2"},
		{"redirects /__version__", "L2"},
		{"/__lbheartbeat__ 204 ", "L4"},
		{"/__lbheartbeat__ 500 {}", "L4"},
		{"hangs on /__lbheartbeat__", "L4"},
		{"hangs on /__heartbeat__", "L5"},
		{"no type on /__heartbeat__", "L5"},
		{"/__heartbeat__ 404 {}", "L5"},
		{"no HEAD on /__version__", "L6"},
		{"no HEAD on /__heartbeat__", "L6"},
		{"no HEAD on /__lbheartbeat__", "L6"},
		{"redirects /__lbheartbeat__", "L7"},
		{"redirects to https", "L7"},
		{"checks the host of /__version__", "L7"},
		{"/__lbheartbeat__ 401 {}", "L7"},
	} {
		t.Run(c.rule+" "+c.fault, func(t *testing.T) {
			t.Parallel()
			got := of(t, CheckLive(t.Context(), broken(t, c.fault)), c.rule)
			if got.Status != Fail || len(got.Findings) == 0 {
				t.Errorf("%s is %s: %v", c.rule, got.Status, got.Findings)
			}
		})
	}
}

func TestLiveWithoutVersion(t *testing.T) {
	t.Parallel()
	for fault, want := range map[string]Status{
		`/__version__ 404 {"error":"not found"}`: Pass,
		"/__version__ 404 not found":             Fail,
		"/__version__ 200 null":                  Fail,
		"/__version__ 500 {}":                    Fail,
	} {
		s := broken(t, fault)
		s.Missing = true
		results := CheckLive(t.Context(), s)
		if got := of(t, results, "L3"); got.Status != want {
			t.Errorf("%s: L3 is %s, want %s: %v", fault, got.Status, want, got.Findings)
		}
		if got := of(t, results, "L2"); got.Status != NotCheckable {
			t.Errorf("L2 is %s", got.Status)
		}
	}
}

func TestLiveUnreachable(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	for _, r := range CheckLive(t.Context(), &Service{URL: server.URL}) {
		if r.live != nil && r.ID != "L3" && r.Status != Fail {
			t.Errorf("%s is %s", r.ID, r.Status)
		}
	}
}

func TestCheckHeartbeat(t *testing.T) {
	t.Parallel()
	down := `{"status":"error","checks":{"db":"error","disk":"ok"},"details":{"db":{"status":"error","level":40,"messages":{"db.1":"down"}}}}`
	for _, c := range []struct {
		name string
		code int
		body string
		good bool
	}{
		{"all is well", 200, `{"status":"ok","checks":{"db":"ok"},"details":{}}`, true},
		{"no checks", 200, `{"status":"ok","checks":{},"details":{}}`, true},
		{"a failing check", 500, down, true},
		{"a failing check as 503", 503, down, true},
		{"a warning is 200", 200, `{"status":"warning","checks":{"db":"warning"},"details":{"db":{"status":"warning","level":30,"messages":{"a":"b"}}}}`, true},
		{"a failing check as 200", 200, down, false},
		{"a warning as 500", 500, `{"status":"warning","checks":{"db":"warning"},"details":{"db":{"status":"warning","level":30,"messages":{"a":"b"}}}}`, false},
		{"all is well as 500", 500, `{"status":"ok","checks":{"db":"ok"},"details":{}}`, false},
		{"neither 200 nor 5xx", 404, down, false},
		{"no JSON", 200, "ok", false},
		{"null", 200, "null", false},
		{"no details", 200, `{"status":"ok","checks":{}}`, false},
		{"no details of the failing check", 500, strings.Replace(down, `"db":{`, `"disk":{`, 1), false},
		{"another level", 500, strings.Replace(down, "40", "50", 1), false},
		{"no messages", 500, strings.Replace(down, `"db.1":"down"`, "", 1), false},
		{"ok beside a failing check", 500, strings.Replace(down, `"error"`, `"ok"`, 1), false},
		{"an unknown status", 500, strings.ReplaceAll(down, `"error"`, `"bad"`), false},
		{"details of no check", 200, `{"status":"ok","checks":{},"details":{"db":{"status":"ok","level":0,"messages":{}}}}`, false},
		{"a list", 200, `[]`, false},
	} {
		if problems := CheckHeartbeat(c.code, []byte(c.body)); (len(problems) == 0) != c.good {
			t.Errorf("%s: %v", c.name, problems)
		}
	}
}
