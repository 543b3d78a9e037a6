package spec

import (
	"io/fs"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

var (
	anyNumber = lazy(`\d{2,5}`)
	durations = lazy(`--[a-z-]+=\S+`)
)

// portSettings adds ENV PORT=8000 and EXPOSE 8000 to the last stage, where nothing speaks of another port.
func portSettings(files fs.FS) []edition {
	s, nodes := instructionsOf(files)
	from := -1
	for i, n := range nodes {
		if is(n, "from") {
			from = i
		}
	}
	if from < 0 || otherPort(s, nodes) {
		return nil
	}
	last := nodes[from:]
	line := last[0].EndLine
	for _, n := range last {
		if is(n, "run", "copy", "add", "workdir", "arg", "shell") || is(n, "env") && strings.Contains(n.Original, "PORT") {
			line = n.EndLine
		}
	}
	env, expose := "ENV PORT=8000", "EXPOSE 8000"
	if strings.HasPrefix(strings.TrimLeft(last[0].Original, " \t"), "from") {
		env, expose = "env PORT=8000", "expose 8000"
	}
	return []edition{ // the second goes behind the first, or alone
		{"S10", "Dockerfile", "ENV PORT=8000", s.after(line, env)},
		{"S10", "Dockerfile", "EXPOSE 8000", s.after(line, expose)},
	}
}

// otherPort tells whether an instruction sets a port, or has a number that may be one.
func otherPort(s source, nodes []*parser.Node) bool {
	for _, n := range nodes {
		text := strings.Join(s.lines[n.StartLine-1:n.EndLine], "")
		switch {
		case is(n, "env", "arg") && strings.Contains(text, "PORT"):
			if !strings.Contains(text, "PORT=8000") && !strings.Contains(text, "PORT 8000") {
				return true
			}
		case is(n, "expose", "healthcheck", "cmd", "entrypoint"):
			for _, number := range anyNumber().FindAllString(durations().ReplaceAllString(text, ""), -1) {
				if number != "8000" {
					return true
				}
			}
		}
	}
	return false
}
