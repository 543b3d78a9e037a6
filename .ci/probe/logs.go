package main

import (
	"fmt"
	"slices"
	"strings"

	"dockerflow/generator/contract"
)

// lines reads the service's stdout and returns the lines' faults as mozlog.
func (s *service) lines() (lines []contract.Line, problems []string) {
	text := s.out.String()
	if text != "" && !strings.HasSuffix(text, "\n") && !s.interrupted {
		problems = append(problems, "the last line has no end")
	}
	for raw := range strings.Lines(text) {
		line, wrong := contract.CheckLine([]byte(strings.TrimSuffix(raw, "\n")))
		for _, w := range wrong {
			problems = append(problems, fmt.Sprintf("%s in %.200q", w, raw))
		}
		lines = append(lines, line)
	}
	return lines, problems
}

// logs checks all that the service wrote from its start to its stop.
func (p *probe) logs(s *service, where string) {
	lines, problems := s.lines()
	p.check("L8", where+": every line on stdout is mozlog", problems...)

	problems = nil
	for _, kind := range []string{"app.start", "app.stop"} {
		n := 0
		for _, l := range lines {
			if l.Type == kind {
				n++
			}
		}
		if n != 1 {
			problems = append(problems, fmt.Sprintf("%d lines of %s", n, kind))
		}
	}
	p.check("L8", where+": one app.start and one app.stop", problems...)

	problems = nil
	missing, extra := s.requests.missingFrom(summaries(lines))
	extra = slices.DeleteFunc(extra, func(r request) bool { return r.code == 400 }) // of what was no request
	if len(missing) > 0 {
		problems = append(problems, fmt.Sprintf("no line for %v", missing))
	}
	if len(extra) > 0 {
		problems = append(problems, fmt.Sprintf("lines for %v, which were not requested", extra))
	}
	p.check("L8", where+": one request.summary for each request", problems...)
	p.quiet(s, where)
}

// quiet requires an empty stderr.
func (p *probe) quiet(s *service, where string) {
	var problems []string
	if text := s.errs.String(); text != "" {
		problems = append(problems, fmt.Sprintf("%.300q", text))
	}
	p.check("L8", where+": nothing on stderr", problems...)
}

func summaries(lines []contract.Line) []request {
	var all []request
	for _, l := range lines {
		if l.Type != "request.summary" {
			continue
		}
		method, _ := l.Fields["method"].(string)
		path, _ := l.Fields["path"].(string)
		all = append(all, request{method, path, int(number(l.Fields["code"]))})
	}
	return all
}

func number(v any) int64 {
	if n, ok := v.(interface{ Int64() (int64, error) }); ok {
		i, _ := n.Int64()
		return i
	}
	return 0
}

// summaryOf finds the line of the request with this id.
func summaryOf(lines []contract.Line, rid string) map[string]any {
	for _, l := range lines {
		if l.Type == "request.summary" && l.Fields["rid"] == rid {
			return l.Fields
		}
	}
	return nil
}
