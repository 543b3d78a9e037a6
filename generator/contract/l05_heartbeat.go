package contract

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

var l05 = Rule{
	ID:     "L5",
	Level:  Must,
	Says:   "GET /__heartbeat__ quickly returns 200, or 5xx when a check fails, with the usual body.",
	Source: "2016 specification, A containerized app must 3; current specification, Containerized App Requirements 5; the body: practice",
	URL:    required,
	Needs:  aURL,
	Fix:    `Return a body such as {"status":"ok","checks":{"db":"ok"},"details":{}}, with a time limit for each check.`,
	live:   heartbeat,
}

// levels are the values of level in a heartbeat, by status.
var levels = map[string]int{"ok": 0, "debug": 10, "info": 20, "warning": 30, "error": 40, "critical": 50}

type heartbeatBody struct {
	Status  *string           `json:"status"`
	Checks  map[string]string `json:"checks"`
	Details map[string]struct {
		Status   string            `json:"status"`
		Level    *int              `json:"level"`
		Messages map[string]string `json:"messages"`
	} `json:"details"`
}

// CheckHeartbeat returns the problems of a /__heartbeat__ response.
func CheckHeartbeat(code int, body []byte) []string {
	var problems []string
	add := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if code != 200 && (code < 500 || code > 599) {
		add("it returns %d, want 200 or 5xx", code)
	}
	var b heartbeatBody
	if err := json.Unmarshal(body, &b); err != nil {
		add("the body does not have the usual form: %v", err)
		return problems
	}
	if b.Status == nil || b.Checks == nil || b.Details == nil {
		add("the body lacks status, checks or details")
		return problems
	}
	overall, ok := levels[*b.Status]
	if !ok {
		add("unknown status %q", *b.Status)
	}
	worst := 0
	for _, name := range slices.Sorted(maps.Keys(b.Checks)) {
		level, ok := levels[b.Checks[name]]
		if !ok {
			add("check %s has the status %q", name, b.Checks[name])
		}
		if worst = max(worst, level); level == 0 {
			continue
		}
		d, ok := b.Details[name]
		switch {
		case !ok:
			add("check %s is %s without details", name, b.Checks[name])
		case d.Status != b.Checks[name] || d.Level == nil || *d.Level != level:
			add("the details of check %s must have status %q and level %d", name, b.Checks[name], level)
		case len(d.Messages) == 0:
			add("the details of check %s have no messages", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.Details)) {
		if _, ok := b.Checks[name]; !ok {
			add("details has %s, which is not a check", name)
		}
	}
	if overall != worst {
		add("status is %s, but the worst check has level %d", *b.Status, worst)
	}
	if failed := worst >= levels["error"]; failed != (code >= 500) {
		add("it returns %d, but the worst check has level %d", code, worst)
	}
	return problems
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
