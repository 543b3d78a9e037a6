package spec

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// maxLooks bounds how many copies are followed in the search for files.
const maxLooks = 3000

// content gives the text of a file of an image, if a COPY brings it there from the repository or from the Dockerfile.
// Maybe tells that one may bring it that cannot be read.
func (r *repo) content(s *stage, file string) (text string, ok, maybe bool) {
	for _, st := range slices.Backward(s.steps()) {
		c, copies := st.copying()
		if !copies {
			continue
		}
		if r.looks++; r.looks > maxLooks {
			return "", false, true
		}
		text, ok, may := r.brings(c, file, s.line)
		if ok {
			return text, true, false
		}
		maybe = maybe || may
	}
	return "", false, maybe
}

// brings gives the text of a file that a copy brings into an image, by the stage that ends before a line.
func (r *repo) brings(c copying, file string, line int) (text string, ok, maybe bool) {
	if !within(file, c.dest()) {
		return "", false, false
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(file, c.dest()), "/")
	for _, inline := range c.SourceContents {
		if rest == "" || rest == inline.Path {
			return inline.Data, true, false
		}
	}
	for _, source := range c.SourcePaths {
		for _, name := range candidates(source, rest) {
			switch from := r.docker.stage(c.from); {
			case c.from == "":
				if data, err := r.read(name); err == nil {
					return string(data), true, false
				}
			case from != nil && from.line < line:
				text, ok, may := r.content(from, "/"+name)
				if ok {
					return text, true, false
				}
				maybe = maybe || may
			default:
				maybe = true
			}
		}
		maybe = maybe || c.from == "" && (rest == "" || !r.known(source))
	}
	return "", false, maybe
}

// candidates are the paths that may come to lie at the rest of a destination.
func candidates(source, rest string) []string {
	clean := strings.TrimPrefix(path.Clean("/"+source), "/")
	if rest == "" {
		return []string{clean}
	}
	var names []string
	if base := path.Base(clean); base == rest {
		names = append(names, clean)
	} else if ok, err := path.Match(base, rest); ok && err == nil && !strings.Contains(rest, "/") {
		names = append(names, path.Join(path.Dir(clean), rest))
	}
	return append(names, path.Join(clean, rest))
}

// known tells whether what a copy takes is there to be seen: a file, or a folder with something in it.
func (r *repo) known(source string) bool {
	clean := strings.TrimPrefix(path.Clean("/"+source), "/")
	if strings.Contains(source, "://") || archive(clean) {
		return false
	}
	return strings.ContainsAny(clean, "*?[") || r.has(clean) || len(r.in(clean)) > 0
}

// archive tells whether ADD would unpack a file.
func archive(name string) bool {
	return strings.Contains(path.Base(name), ".tar") || strings.HasSuffix(name, ".tgz")
}

// scriptFile names the file that a command runs as a script. It is empty for programs of the system.
func scriptFile(c command) string {
	program := c.words[0]
	if slices.Contains(shells, path.Base(program)) || program == "." || program == "source" {
		for i, w := range c.words[1:] {
			switch {
			case !strings.HasPrefix(w, "-") && !strings.HasPrefix(w, "+"):
				if i > 0 && c.words[i] == "-o" {
					continue
				}
				return w
			case !strings.HasPrefix(w, "--") && strings.HasSuffix(w, "c"):
				return ""
			}
		}
		return ""
	}
	for _, system := range []string{"/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/"} {
		if strings.HasPrefix(program, system) {
			return ""
		}
	}
	if strings.Contains(program, "/") || strings.HasSuffix(program, ".sh") {
		return program
	}
	return ""
}

// script gives the commands of a script that a step runs. Hidden tells that there is one which cannot be read.
func (r *repo) script(s *stage, st step, c command) (all []command, hidden bool) {
	file := scriptFile(c)
	if file == "" {
		return nil, false
	}
	text, ok, _ := r.content(s, under(st.dir, file))
	if !ok {
		text, ok = r.mounted(st, under(st.dir, file))
	}
	if !ok || !isShellScript("", text) {
		return nil, true
	}
	return commandsWith(text, c.env, 1), false
}

// mounted gives the text of a file that a RUN sees by a bind mount of the build context.
func (r *repo) mounted(s step, file string) (string, bool) {
	run, ok := s.Command.(*instructions.RunCommand)
	if !ok {
		return "", false
	}
	for _, m := range instructions.GetMounts(run) {
		target := under(s.dir, m.Target)
		if m.Type != instructions.MountTypeBind || m.From != "" || !within(file, target) {
			continue
		}
		name := path.Join(path.Clean("/"+m.Source), strings.TrimPrefix(file, target))
		if data, err := r.read(strings.TrimPrefix(name, "/")); err == nil {
			return string(data), true
		}
	}
	return "", false
}
