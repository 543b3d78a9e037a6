package contract

import (
	"path"
	"slices"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"

	"dockerflow/generator/budget"
	"dockerflow/generator/contract/dockerfile"
	"dockerflow/generator/contract/shell"
)

// contents is the text of a file in an image, if a COPY adds it from the repository or the Dockerfile.
type contents struct {
	text      string
	ok, maybe bool // maybe: a COPY may add it that cannot be read
}

// fileOf is a file of a stage, or of the repository if stage is nil.
type fileOf struct {
	stage *dockerfile.Stage
	file  string
}

// content finds a file of an image. The last COPY that adds it wins.
func (r *repo) content(s *dockerfile.Stage, file string) *contents {
	r.budget.Steps(1 + len(file)/budget.BytesOfStep)
	if known := r.found[fileOf{s, file}]; known != nil {
		return known
	}
	found := &contents{}
	for _, st := range slices.Backward(s.Own) {
		r.budget.Steps(1)
		c, copies := st.Copying()
		if !copies {
			continue
		}
		brought := r.brings(c, file, s.Line)
		if brought.ok {
			found = brought
			break
		}
		found.maybe = found.maybe || brought.maybe
	}
	if !found.ok && s.Parent != nil {
		if below := r.content(s.Parent, file); below.ok || !found.maybe {
			found = below
		}
	}
	return r.remember(fileOf{s, file}, found)
}

func (r *repo) remember(file fileOf, found *contents) *contents {
	if r.found == nil {
		r.found = map[fileOf]*contents{}
	}
	r.budget.Bytes(budget.BytesOfWord + len(file.file))
	r.found[file] = found
	return found
}

// textOf returns the text of a file of the repository, which it reads once.
func (r *repo) textOf(name string) *contents {
	if known := r.found[fileOf{nil, name}]; known != nil {
		r.budget.Steps(1 + len(name)/budget.BytesOfStep)
		return known
	}
	data, err := r.read(name)
	r.budget.Bytes(len(data))
	return r.remember(fileOf{nil, name}, &contents{text: string(data), ok: err == nil})
}

// brings returns the text of a file that a copy adds to an image. The stage ends before line.
func (r *repo) brings(c dockerfile.Copying, file string, line int) *contents {
	r.budget.Steps(3 + len(c.DestPath)/budget.BytesOfStep)
	if !dockerfile.Within(file, c.Dest()) {
		return &contents{}
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(file, c.Dest()), "/")
	for _, inline := range c.SourceContents {
		if rest == "" || rest == inline.Path {
			return &contents{text: inline.Data, ok: true}
		}
	}
	found := &contents{}
	for _, source := range c.SourcePaths {
		r.budget.Steps(5 + len(source)/budget.BytesOfRunes)
		for _, name := range candidates(source, rest) {
			switch from := r.docker.Stage(c.From); {
			case c.From == "":
				if there := r.textOf(name); there.ok {
					return there
				}
			case from != nil && from.Line < line:
				there := r.content(from, "/"+name)
				if there.ok {
					return there
				}
				found.maybe = found.maybe || there.maybe
			default:
				found.maybe = true
			}
		}
		found.maybe = found.maybe || c.From == "" && (rest == "" || !r.known(source))
	}
	return found
}

// candidates returns the paths that a copy may place at the rest of its destination.
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

// known reports whether the source of a copy exists: a file, or a folder that is not empty.
func (r *repo) known(source string) bool {
	clean := strings.TrimPrefix(path.Clean("/"+source), "/")
	if strings.Contains(source, "://") || archive(clean) {
		return false
	}
	return strings.ContainsAny(clean, "*?[") || r.has(clean) || len(r.in(clean)) > 0
}

// archive reports whether ADD would unpack a file.
func archive(name string) bool {
	return strings.Contains(path.Base(name), ".tar") || strings.HasSuffix(name, ".tgz")
}

// script is the commands of a script that a step runs, and what rules ask of it.
type script struct {
	commands []shell.Command
	accounts []shell.Command // that may make or change accounts
	version  bool            // version.json is among the words
}

// call is a file that is run as a script, with the environment that it sees.
type call struct {
	file *contents
	env  shell.Variables
}

// script reads the script that a step runs, once for all steps that run it. Hidden reports a script that cannot be read.
func (r *repo) script(s *dockerfile.Stage, st dockerfile.Step, c shell.Command) (read *script, hidden bool) {
	file := shell.ScriptFile(c)
	if file == "" {
		return &script{}, false
	}
	found := r.content(s, dockerfile.Under(st.Dir, file))
	if !found.ok {
		found = r.mounted(st, dockerfile.Under(st.Dir, file))
	}
	if !found.ok || !shell.IsShellScript("", found.text) {
		return &script{}, true
	}
	key := call{found, c.Env.Point()}
	if known := r.scripts[key]; known != nil {
		return known, false
	}
	read = &script{commands: shell.Commands(r.budget, found.text, c.Env, 1)}
	for _, c := range read.commands {
		if valued[path.Base(c.Words[0])] != nil {
			read.accounts = append(read.accounts, c)
		}
		read.version = read.version || strings.Contains(strings.Join(c.Words, " "), "version.json")
	}
	r.budget.Steps(shell.CostOf(read.commands))
	if r.scripts == nil {
		r.scripts = map[call]*script{}
	}
	r.scripts[key] = read
	return read, false
}

// mounted returns the text of a file that a RUN sees through a bind mount of the build context.
func (r *repo) mounted(s dockerfile.Step, file string) *contents {
	for _, m := range s.Mounts() {
		target := dockerfile.Under(s.Dir, m.Target)
		if m.Type != instructions.MountTypeBind || m.From != "" || !dockerfile.Within(file, target) {
			continue
		}
		name := path.Join(path.Clean("/"+m.Source), strings.TrimPrefix(file, target))
		if there := r.textOf(strings.TrimPrefix(name, "/")); there.ok {
			return there
		}
	}
	return &contents{}
}
