package cmd

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
)

// The check of a running service fails for rules that it breaks, does not check repository rules, and includes its log.
func TestCheckLiveAndLog(t *testing.T) {
	t.Parallel()
	wrong := ""
	mux := http.NewServeMux()
	for path, body := range map[string]string{
		"/__version__":     `{"source": "", "version": "", "commit": "", "build": ""}`,
		"/__heartbeat__":   `{"status": "ok", "checks": {}, "details": {}}`,
		"/__lbheartbeat__": `{}`,
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			if path == wrong {
				w.WriteHeader(http.StatusTeapot)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprint(w, body)
		})
	}
	server := httptest.NewServer(mux)
	defer server.Close()
	line := `{"Timestamp":1700000000000000000,"Type":"app.start","Logger":"x","Hostname":"h","EnvVersion":"2.0","Severity":6,"Pid":1,"Fields":{"msg":"up"}}` + "\n"
	for _, c := range []struct {
		name, wrong, args, in string
		code                  int
		fails, passes         []string
	}{
		{"no problems", "", "", "", 0, nil, []string{"L2", "L4", "L5", "L6", "L7"}},
		{"the version", "/__version__", "", "", 1, []string{"L2"}, []string{"L4"}},
		{"the load balancer's", "/__lbheartbeat__", "", "", 1, []string{"L4"}, []string{"L2"}},
		{"a log that is not mozlog", "", " --log -", "up\n", 1, []string{"L8"}, []string{"L2"}},
		{"a log", "", " --log -", line, 0, nil, []string{"L2"}},
		{"a repository beside it", "", " repo", "", 1, []string{"S1"}, []string{"L2"}},
	} {
		wrong = c.wrong
		s := newRig(c.in)
		if err := writeFile(s.FS, "repo/README", ""); err != nil {
			t.Fatal(err)
		}
		s.run(t, c.code, "check --json --url "+server.URL+c.args)
		var report struct {
			OK    bool
			Rules []struct{ ID, Status string }
		}
		if err := json.Unmarshal(s.out.Bytes(), &report); err != nil {
			t.Fatal(err)
		}
		got := map[string][]string{}
		for _, r := range report.Rules {
			got[r.Status] = append(got[r.Status], r.ID)
		}
		for _, id := range c.fails {
			if !slices.Contains(got["fail"], id) {
				t.Errorf("%s: %s does not fail: %v", c.name, id, got)
			}
		}
		for _, id := range c.passes {
			if !slices.Contains(got["pass"], id) {
				t.Errorf("%s: %s does not pass: %v", c.name, id, got)
			}
		}
		if report.OK != (c.code == 0) || len(got["fail"]) > 0 && len(c.fails) == 0 {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
