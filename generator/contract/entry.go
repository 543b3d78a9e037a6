package contract

import (
	"path"
	"strings"

	"dockerflow/generator/contract/dockerfile"
	"dockerflow/generator/contract/shell"
)

// entry is the script that the container starts.
type entry struct {
	file     string // "" where no file is named
	line     int
	commands []shell.Command
	hidden   bool // it cannot be read
}

// entry reads the script that the container starts, if it starts one.
func (r *repo) entry(last *dockerfile.Stage) entry {
	if r.starts == nil {
		e := r.readEntry(last)
		r.starts = &e
	}
	r.budget.Steps(shell.CostOf(r.starts.commands))
	return *r.starts
}

func (r *repo) readEntry(last *dockerfile.Stage) entry {
	l := dockerfile.Launched(last)
	words, _ := dockerfile.Service(l.Words())
	e := entry{line: l.EntrypointLine}
	if e.line == 0 {
		e.line = l.CmdLine
	}
	if len(words) == 0 {
		return e
	}
	if e.file = shell.ScriptFile(shell.Command{Words: words}); e.file == "" {
		return e
	}
	found := r.content(last, dockerfile.Under(last.Dir, e.file))
	for _, folder := range []string{"/usr/local/bin", "/usr/bin", "/bin"} {
		if !found.ok && !strings.Contains(e.file, "/") {
			found = r.content(last, path.Join(folder, e.file))
		}
	}
	if e.hidden = !found.ok || !shell.IsShellScript("", found.text) || !looksLikeShell(e.file, found.text); e.hidden {
		return e
	}
	e.commands = shell.Commands(r.budget, found.text, last.Env, 0)
	return e
}

// looksLikeShell recognizes a shell script that has no #! line.
func looksLikeShell(file, text string) bool {
	ext := path.Ext(file)
	return strings.HasPrefix(text, "#!") || ext == ".sh" || ext == ""
}
