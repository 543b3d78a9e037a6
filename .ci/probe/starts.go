package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"

	"dockerflow/.ci/process"
)

// badConfiguration tries values that a service must refuse at its start.
func (p *probe) badConfiguration(ctx context.Context) error {
	port, err := process.FreePort()
	if err != nil {
		return err
	}
	good := "PORT=" + strconv.Itoa(port)
	for _, bad := range []string{
		"PORT=abc", "PORT=0", "PORT=70000", "BACKEND_URL=ftp://127.0.0.1/", "LOG_LEVEL=loud", "STATSD_PORT=abc",
	} {
		s, err := p.start(port, good, "STATSD_HOST=127.0.0.1", bad)
		if err != nil {
			return err
		}
		p.refusesToStart(s, "with "+bad, func(lines int, text string) string {
			name, _, _ := strings.Cut(bad, "=")
			switch {
			case lines != 1:
				return fmt.Sprintf("it writes %d lines, want one", lines)
			case !strings.Contains(text, name):
				return "its line does not name " + name
			}
			return ""
		})
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// portTaken has somebody else listen on the port.
func (p *probe) portTaken(_ context.Context, port int) error {
	l, err := net.Listen("tcp", ":"+strconv.Itoa(port)) //nolint:noctx // it does not wait
	if err != nil {
		return err
	}
	defer l.Close()
	s, err := p.start(port, "PORT="+strconv.Itoa(port))
	if err != nil {
		return err
	}
	p.refusesToStart(s, fmt.Sprintf("with port %d taken", port), func(lines int, _ string) string {
		if lines == 0 {
			return "it writes no line"
		}
		return ""
	})
	return nil
}

// refusesToStart waits for the service to end with an error and a log line that suits.
func (p *probe) refusesToStart(s *service, where string, suits func(lines int, text string) string) {
	defer s.Kill()
	var problems []string
	switch {
	case !s.Ends(p.ready): // no sooner could it have listened
		s.interrupted = true
		p.check("L12", where+": it exits", "it still runs"+s.tail())
		return
	case s.ProcessState.ExitCode() <= 0:
		problems = append(problems, fmt.Sprintf("it ends with %s, want a non-zero exit status", s.ProcessState))
	}
	lines, wrong := s.lines()
	problems = append(problems, wrong...)
	if why := suits(len(lines), s.out.String()); why != "" {
		problems = append(problems, why+s.tail())
	}
	p.check("L12", where+": it exits with a clear line", problems...)
	p.quiet(s, where)
}
