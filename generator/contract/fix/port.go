package fix

import (
	"strings"

	"dockerflow/generator/lazyregexp"
)

var (
	anyNumber = lazyregexp.New(`\d{2,5}`)
	noPorts   = lazyregexp.New(`--[a-z-]+=\S+|\d+\.\d+\.\d+\.\d+`) // a health check's times, addresses
)

// portSettings adds ENV PORT=8000 and EXPOSE 8000 to the last stage, where nothing speaks of another port.
func portSettings(d dockerfileText) []proposedFix {
	from := -1
	for i, n := range d.nodes {
		if is(n, "from") {
			from = i
		}
	}
	if from < 0 || otherPort(d) {
		return nil
	}
	last := d.nodes[from:]
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
	return []proposedFix{ // the second goes behind the first, or alone
		{"S10", d.name, "ENV PORT=8000", d.after(line, env)},
		{"S10", d.name, "EXPOSE 8000", d.after(line, expose)},
	}
}

// otherPort reports whether an instruction sets a port, or has a number that may be one.
func otherPort(d dockerfileText) bool {
	for _, n := range d.nodes {
		text := d.text(n)
		switch {
		case is(n, "env", "arg") && strings.Contains(text, "PORT"):
			if !strings.Contains(text, "PORT=8000") && !strings.Contains(text, "PORT 8000") {
				return true
			}
		case is(n, "expose", "healthcheck", "cmd", "entrypoint"):
			for _, number := range anyNumber().FindAllString(noPorts().ReplaceAllString(text, ""), -1) {
				if number != "8000" {
					return true
				}
			}
		}
	}
	return false
}
