package contract

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// contents is the text of a file of an image, if a COPY brings it there from the repository or from the Dockerfile.
type contents struct {
	text      string
	ok, maybe bool // maybe: a COPY may bring it that cannot be read
}

// fileOf is a file of a stage, or of the repository where there is none.
type fileOf struct {
	stage *stage
	file  string
}

// content finds a file of an image. The last COPY that brings it counts.
func (r *repo) content(s *stage, file string) *contents {
	r.budget.Steps(1 + len(file)/bytesOfStep)
	if known := r.found[fileOf{s, file}]; known != nil {
		return known
	}
	found := &contents{}
	for _, st := range slices.Backward(s.own) {
		r.budget.Steps(1)
		c, copies := st.copying()
		if !copies {
			continue
		}
		brought := r.brings(c, file, s.line)
		if brought.ok {
			found = brought
			break
		}
		found.maybe = found.maybe || brought.maybe
	}
	if !found.ok && s.parent != nil {
		if below := r.content(s.parent, file); below.ok || !found.maybe {
			found = below
		}
	}
	return r.remember(fileOf{s, file}, found)
}

func (r *repo) remember(file fileOf, found *contents) *contents {
	if r.found == nil {
		r.found = map[fileOf]*contents{}
	}
	r.budget.Bytes(bytesOfWord + len(file.file))
	r.found[file] = found
	return found
}

// textOf gives the text of a file of the repository, read once.
func (r *repo) textOf(name string) *contents {
	if known := r.found[fileOf{nil, name}]; known != nil {
		r.budget.Steps(1 + len(name)/bytesOfStep)
		return known
	}
	data, err := r.read(name)
	r.budget.Bytes(len(data))
	return r.remember(fileOf{nil, name}, &contents{text: string(data), ok: err == nil})
}

// brings gives the text of a file that a copy brings into an image, by the stage that ends before a line.
func (r *repo) brings(c copying, file string, line int) *contents {
	r.budget.Steps(3 + len(c.DestPath)/bytesOfStep)
	if !within(file, c.dest()) {
		return &contents{}
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(file, c.dest()), "/")
	for _, inline := range c.SourceContents {
		if rest == "" || rest == inline.Path {
			return &contents{text: inline.Data, ok: true}
		}
	}
	found := &contents{}
	for _, source := range c.SourcePaths {
		r.budget.Steps(5 + len(source)/bytesOfRunes)
		for _, name := range candidates(source, rest) {
			switch from := r.docker.stage(c.from); {
			case c.from == "":
				if there := r.textOf(name); there.ok {
					return there
				}
			case from != nil && from.line < line:
				there := r.content(from, "/"+name)
				if there.ok {
					return there
				}
				found.maybe = found.maybe || there.maybe
			default:
				found.maybe = true
			}
		}
		found.maybe = found.maybe || c.from == "" && (rest == "" || !r.known(source))
	}
	return found
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

// script is the commands of a script that a step runs, and what rules ask of it.
type script struct {
	commands []command
	accounts []command // that may make or change accounts
	version  bool      // version.json is among the words
}

// call is a file that is run as a script, with what it sees of the environment.
type call struct {
	file *contents
	env  variables
}

// script reads the script that a step runs, once for all that run it. Hidden tells that there is one which cannot be read.
func (r *repo) script(s *stage, st step, c command) (read *script, hidden bool) {
	file := scriptFile(c)
	if file == "" {
		return &script{}, false
	}
	found := r.content(s, under(st.dir, file))
	if !found.ok {
		found = r.mounted(st, under(st.dir, file))
	}
	if !found.ok || !isShellScript("", found.text) {
		return &script{}, true
	}
	key := call{found, c.env.point()}
	if known := r.scripts[key]; known != nil {
		return known, false
	}
	read = &script{commands: commandsWith(r.budget, found.text, c.env, 1)}
	for _, c := range read.commands {
		if valued[path.Base(c.words[0])] != nil {
			read.accounts = append(read.accounts, c)
		}
		read.version = read.version || strings.Contains(strings.Join(c.words, " "), "version.json")
	}
	r.budget.Steps(costOf(read.commands))
	if r.scripts == nil {
		r.scripts = map[call]*script{}
	}
	r.scripts[key] = read
	return read, false
}

// mounted gives the text of a file that a RUN sees by a bind mount of the build context.
func (r *repo) mounted(s step, file string) *contents {
	for _, m := range s.mounts() {
		target := under(s.dir, m.Target)
		if m.Type != instructions.MountTypeBind || m.From != "" || !within(file, target) {
			continue
		}
		name := path.Join(path.Clean("/"+m.Source), strings.TrimPrefix(file, target))
		if there := r.textOf(strings.TrimPrefix(name, "/")); there.ok {
			return there
		}
	}
	return &contents{}
}
